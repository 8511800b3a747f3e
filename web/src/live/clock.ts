import { useSyncExternalStore } from "react";

/** The server's time against this machine's: a twin's day passes faster than ours. */
export class ServerClock {
  private serverMs = 0;
  private hereMs: number | null = null;
  private rate = 1;

  /** Learn from an answer that said its time. */
  heard(serverMs: number, hereMs: number): void {
    if (this.hereMs !== null) {
      const passed = hereMs - this.hereMs;
      if (passed < LEAST_APART_MS) return;
      const rate = (serverMs - this.serverMs) / passed;
      // Latency makes a real clock look a little fast or slow.
      this.rate = Math.abs(rate - 1) < 0.2 ? 1 : Math.min(Math.max(rate, 0), FASTEST);
    }
    this.serverMs = serverMs;
    this.hereMs = hereMs;
  }

  at(hereMs: number): number {
    if (this.hereMs === null) return hereMs;
    return this.serverMs + Math.min(hereMs - this.hereMs, TRUSTED_MS) * this.rate;
  }
}

const LEAST_APART_MS = 900;
const FASTEST = 1_000;
const TRUSTED_MS = 3_600_000;

export const serverClock = new ServerClock();

export function hereNow(): number {
  return Date.now();
}

export function serverNow(): number {
  return serverClock.at(Date.now());
}

const listeners = new Set<() => void>();
let second = 0;
let timer: ReturnType<typeof setInterval> | undefined;

function listen(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    second += 1;
    for (const each of listeners) each();
  }, 1_000);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** Draws the component anew each second, all of them together. */
export function useSeconds(): void {
  useSyncExternalStore(listen, () => second);
}
