import { follow, type Link } from "./connection";
import type { StreamEvent } from "./events";
import { store } from "./store";

interface Live {
  link: Link;
  /** When anything was heard last, by this machine's clock. */
  heardAt: number | null;
}

type Message =
  | { kind: "events"; events: StreamEvent[] }
  | { kind: "link"; link: Link }
  | { kind: "heard" }
  /** A tab that just opened asks who reads how it stands. */
  | { kind: "how" };

export const live = store<Live>({ link: "connecting", heardAt: null });

type Listener = (events: StreamEvent[]) => void;
const listeners = new Set<Listener>();
let lastId: number | null = null;

/** Be told of what happens; `resync` among it means: load anew what you hold. */
export function onEvents(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/**
 * Follow the stream. The tabs of a browser share one connection: who holds the lock reads and
 * tells the others; when that tab closes, the next one goes on after the last id it was told.
 */
export function startLive(tenant: string): () => void {
  const stop = new AbortController();
  const name = `crossdock-stream-${tenant}`;
  const channel = new BroadcastChannel(name);
  let leads = false;
  channel.onmessage = ({ data }: MessageEvent<Message>) => {
    if (data.kind !== "how") take(data);
    else if (leads) channel.postMessage({ kind: "link", link: live.now().link } satisfies Message);
  };
  channel.postMessage({ kind: "how" } satisfies Message);
  const lead = (): Promise<void> => {
    leads = true;
    const tell = (message: Exclude<Message, { kind: "how" }>): void => {
      channel.postMessage(message);
      take(message);
    };
    return follow(
      () => lastId,
      {
        events: (events) => tell({ kind: "events", events }),
        link: (link) => tell({ kind: "link", link }),
        heard: () => tell({ kind: "heard" }),
      },
      stop.signal,
    );
  };
  if ("locks" in navigator) {
    void navigator.locks.request(name, { signal: stop.signal }, lead).catch(() => undefined);
  } else {
    // Locks need HTTPS or this machine: elsewhere each tab reads for itself.
    channel.close();
    void lead();
  }
  return () => {
    stop.abort();
    channel.close();
    lastId = null;
    live.change({ link: "connecting", heardAt: null });
  };
}

function take(message: Exclude<Message, { kind: "how" }>): void {
  const heardAt = Date.now();
  if (message.kind === "link") {
    const heard = message.link === "live" ? heardAt : live.now().heardAt;
    live.change({ link: message.link, heardAt: heard });
    // What happened before the first id that was heard is known to nobody but the server.
    if (message.link === "live" && lastId === null) tell([{ id: null, kind: "resync", data: {} }]);
    return;
  }
  live.change({ link: "live", heardAt });
  if (message.kind === "events") {
    lastId = message.events.findLast((event) => event.id !== null)?.id ?? lastId;
    tell(message.events);
  }
}

function tell(events: StreamEvent[]): void {
  for (const listener of listeners) listener(events);
}
