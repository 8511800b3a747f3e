import { useState } from "react";
import { get, post } from "../api/client";
import { asRefused, type RefusedError } from "../api/problems";
import type { DayShown, Me } from "../api/schema";
import { mayDispatch } from "../api/session";
import { serverClock } from "../live/clock";
import { useLoaded } from "../live/loaded";
import { clockTime, utc, weekday, zoneName } from "../shown/times";
import { useKeys } from "./keys";

const SPEEDS = [1, 10, 60, 300, 600];
const OFTEN_MS = 1_500;
const SELDOM_MS = 60_000;

/** A day that a twin plays: how far its plan is, how fast it passes, when it is over. */
export function DayBar({ me }: { me: Me }) {
  const [isLive, setIsLive] = useState(false);
  const { data, retry } = useLoaded<DayShown>(
    "day",
    async (signal) => {
      const found = await get<DayShown>("/v1/day", signal);
      serverClock.heard(Date.parse(found.now), Date.now());
      return found;
    },
    { everyMs: isLive ? SELDOM_MS : OFTEN_MS },
  );
  const live = data?.state === "live";
  if (live !== isLive) setIsLive(live);
  if (data === null || live) return null;
  return <PlayedDay day={data} me={me} retry={retry} />;
}

function PlayedDay({ day, me, retry }: { day: DayShown; me: Me; retry: () => void }) {
  const [error, setError] = useState<RefusedError | null>(null);
  const isPlayed = day.state === "playing" || day.state === "paused";
  const may = isPlayed && mayDispatch(me);
  const pace = (told: { speed?: number; paused?: boolean }): void => {
    post("/v1/day", told).then(
      () => {
        setError(null);
        retry();
      },
      (failure: unknown) => setError(asRefused(failure)),
    );
  };
  const toggle = (): void => pace({ paused: day.state === "playing" });
  useKeys(may ? { " ": toggle } : {});

  return (
    <section className={`day-bar ${day.state}`} aria-label="The day that is played">
      <span className="day-state" role="status">
        {said(day)}
      </span>
      {(day.state === "planning" || day.state === "measuring") && (
        <progress max={1} value={day.share_done} aria-label={day.stage || day.state} />
      )}
      {isPlayed && (
        <>
          <button type="button" onClick={toggle} disabled={!may} title="Space">
            {day.state === "playing" ? "❚❚ Pause" : "▶ Go on"}
          </button>
          <span className="day-speeds" role="group" aria-label="Speed of the day">
            {SPEEDS.map((speed) => (
              <button
                key={speed}
                type="button"
                aria-pressed={day.speed === speed}
                disabled={!may}
                onClick={() => pace({ speed, paused: false })}
              >
                {speed}×
              </button>
            ))}
          </span>
          <Span day={day} />
        </>
      )}
      {error && <span className="mark critical">● {error.message}</span>}
    </section>
  );
}

function said(day: DayShown): string {
  switch (day.state) {
    case "planning":
      return day.stage ? `Planning the day: ${day.stage}` : "Planning the day";
    case "playing":
      return day.speed === null ? "Playing as fast as it goes" : "Playing";
    case "paused":
      return "Paused";
    case "measuring":
      return "The days are over; measuring what happened";
    case "finished":
      return "The days are over and measured";
    case "live":
      return "Live";
  }
}

/** How far the day is, between its first order and its end at the latest. */
function Span({ day }: { day: DayShown }) {
  if (day.starts_at === null) return null;
  const nowMs = Date.parse(day.now);
  return (
    <span className="day-span" title={`it began ${utc(Date.parse(day.starts_at))}`}>
      {weekday(nowMs)} {clockTime(nowMs, nowMs)} {zoneName(nowMs)}
    </span>
  );
}
