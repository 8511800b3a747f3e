export interface StreamEvent {
  id: number | null;
  kind: string;
  data: unknown;
}

/** Reads server-sent events out of text that comes in pieces. */
export class EventReader {
  private rest = "";

  read(piece: string): StreamEvent[] {
    const blocks = (this.rest + piece).split("\n\n");
    this.rest = blocks.pop() ?? "";
    return blocks.map(eventOf).filter((event) => event !== null);
  }
}

function eventOf(block: string): StreamEvent | null {
  let id: number | null = null;
  let kind = "message";
  const data: string[] = [];
  for (const line of block.split("\n")) {
    const colon = line.indexOf(":");
    if (colon <= 0) continue;
    const value = line.slice(colon + 1).replace(/^ /, "");
    const field = line.slice(0, colon);
    if (field === "id") id = Number(value);
    else if (field === "event") kind = value;
    else if (field === "data") data.push(value);
  }
  if (data.length === 0) return null;
  try {
    return { id, kind, data: JSON.parse(data.join("\n")) as unknown };
  } catch {
    return null;
  }
}
