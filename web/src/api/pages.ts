import { get } from "./client";

interface Page<Item> {
  items: readonly Item[];
  next_cursor?: string | null;
}

export interface Every<Item> {
  items: readonly Item[];
  /** The server has more than is held. */
  cut: boolean;
}

/** Every item of a list of the server, page by page, up to `most`. */
export async function getEvery<Item>(
  path: string,
  signal: AbortSignal,
  { limit = 1_000, most = 5_000 } = {},
): Promise<Every<Item>> {
  const items: Item[] = [];
  let cursor: string | null = null;
  do {
    const asked = new URLSearchParams({ limit: String(limit), ...(cursor === null ? {} : { cursor }) });
    const page: Page<Item> = await get<Page<Item>>(`${path}${path.includes("?") ? "&" : "?"}${asked}`, signal);
    items.push(...page.items);
    cursor = page.next_cursor ?? null;
  } while (cursor !== null && items.length < most);
  return { items, cut: cursor !== null };
}
