import { useEffect, useRef, useState } from "react";
import { get } from "../api/client";
import type { Trends } from "../api/schema";
import { setQuery } from "../frame/address";
import { useKeys } from "../frame/keys";
import { serverNow, useSeconds } from "../live/clock";
import { useLoaded } from "../live/loaded";
import { clockTime, dayName, zoneName } from "../shown/times";
import { useRemembered } from "../ui/remembered";
import { curve } from "../ui/curve";
import { instantOf, usePast } from "./past";
import { justPast, marks, REACHES, reachFor, stretch } from "./scrub";

const SETTLES_MS = 250;
const POINTS = 97;
const EVERY_MS = 60_000;

/** The time that is shown: drag it into the past, over how many exceptions were open. */
export function Scrubber() {
  useSeconds();
  const atMs = usePast();
  const [chosen, setChosen] = useRemembered("crossdock-reach", 1);
  const [dragged, setDragged] = useState<number | null>(null);
  const slider = useRef<HTMLInputElement>(null);
  const nowMs = serverNow();
  const reach = reachFor(chosen, atMs, nowMs);
  const { fromMs, toMs } = stretch(reach, nowMs);
  const value = dragged ?? atMs ?? toMs;

  useEffect(() => {
    if (dragged === null) return undefined;
    const timer = setTimeout(() => {
      setDragged(null);
      const live = dragged >= toMs;
      setQuery({ at: live ? null : instantOf(dragged) }, { replace: atMs !== null && !live });
    }, SETTLES_MS);
    return () => clearTimeout(timer);
  }, [atMs, dragged, toMs]);

  useKeys({
    // Back again: `PastBar`.
    t: () => {
      if (atMs === null) setQuery({ at: instantOf(justPast(reach, nowMs)) });
      slider.current?.focus();
    },
  });

  const said = value >= toMs ? "now" : `${clockTime(value, nowMs)} ${zoneName(value)}`;
  return (
    <div className="scrubber">
      <select
        aria-label="How far back"
        value={REACHES.indexOf(reach)}
        onChange={(event) => setChosen(Number(event.target.value))}
      >
        {REACHES.map(({ name }, place) => (
          <option key={name} value={place}>
            {name}
          </option>
        ))}
      </select>
      <div className="scrubber-line">
        <OpenExceptions hours={reach.hours} />
        {marks(fromMs, toMs, reach.markMs, new Date(nowMs).getTimezoneOffset() * 60_000).map((markMs) => (
          <span
            key={markMs}
            className="scrubber-mark"
            style={{ left: `${((markMs - fromMs) / (toMs - fromMs)) * 100}%` }}
          >
            {reach.hours > 24 ? dayName(markMs) : clockTime(markMs, markMs)}
          </span>
        ))}
        <input
          ref={slider}
          type="range"
          aria-label="Time that is shown"
          aria-valuetext={said}
          min={fromMs}
          max={toMs}
          step={reach.stepMs}
          value={value}
          onChange={(event) => setDragged(Number(event.target.value))}
        />
      </div>
      <output className="scrubber-said">{said}</output>
    </div>
  );
}

/** How many exceptions were open over the stretch, as is known now. */
function OpenExceptions({ hours }: { hours: number }) {
  const path = `/v1/kpis/history?hours=${hours}&points=${POINTS}`;
  const { data } = useLoaded<Trends>(path, (signal) => get(path, signal), { everyMs: EVERY_MS });
  const values = data?.items.find(({ name }) => name === "exceptions_open")?.values ?? [];
  const { area } = curve(values, 1_000, 24, { fromZero: true });
  return (
    <svg className="scrubber-curve" viewBox="0 0 1000 24" preserveAspectRatio="none" aria-hidden="true">
      <path d={area} />
    </svg>
  );
}
