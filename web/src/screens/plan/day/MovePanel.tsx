import { type KeyboardEvent, useEffect, useRef } from "react";
import type { WeighedMove } from "../../../api/schema";
import { count } from "../../../shown/numbers";
import { shortVehicle } from "./ganttRows";
import { costChange, ranked, verdict, type Weighed } from "./moving";

interface Props {
  stops: number;
  weighed: Weighed;
  over: string | null;
  zone: string;
  busy: boolean;
  onOver: (vehicle: string) => void;
  onDrop: (vehicle: string) => void;
  onCancel: () => void;
}

/** Where stops can go, the cheapest first: arrow keys weigh, Enter moves, Escape leaves it. */
export function MovePanel({ stops, weighed, over, zone, busy, onOver, onDrop, onCancel }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const moves = weighed.moves === null ? [] : ranked(weighed.moves.values());
  const place = moves.findIndex(({ vehicle_id: id }) => id === over);
  const first = moves[0]?.vehicle_id;
  useEffect(() => {
    const from = document.activeElement;
    box.current?.focus();
    return () => {
      // Who came by the keyboard goes on where they were; what they came from may be gone.
      if (document.activeElement !== document.body) return;
      const back = from?.isConnected && from !== document.body ? from : document.querySelector(".gantt-scroll");
      if (back instanceof HTMLElement) back.focus({ preventScroll: true });
    };
  }, []);
  useEffect(() => {
    if (over === null && first !== undefined) onOver(first);
  }, [first, onOver, over]);
  useEffect(() => {
    box.current?.children[place]?.scrollIntoView({ block: "nearest" });
  }, [place]);

  function press(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1 }[event.key];
    const next = moves[Math.min(Math.max(place + (step ?? 0), 0), moves.length - 1)];
    if (step !== undefined && next) onOver(next.vehicle_id);
    else if (event.key === "Enter" && moves[place]?.fits && !busy) onDrop(moves[place].vehicle_id);
    else if (event.key === "Escape") onCancel();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
  return (
    <section className="move-panel">
      <h2>
        Move {count(stops)} {stops === 1 ? "stop" : "stops"} to…
      </h2>
      {weighed.error && (
        <p className="mark high" role="alert">
          ◆ {weighed.error.detail}
        </p>
      )}
      {weighed.moves === null && !weighed.error && <p className="faint">Weighing every vehicle…</p>}
      <div
        ref={box}
        className="move-list"
        role="listbox"
        tabIndex={0}
        aria-label="Vehicles, the cheapest first"
        aria-activedescendant={place >= 0 ? `move-${place}` : undefined}
        onKeyDown={press}
      >
        {moves.map((move, at) => (
          <Target
            key={move.vehicle_id}
            id={`move-${at}`}
            move={move}
            over={at === place}
            zone={zone}
            onPoint={() => onOver(move.vehicle_id)}
            onDrop={() => {
              if (move.fits && !busy) onDrop(move.vehicle_id);
            }}
          />
        ))}
      </div>
      <p className="acts">
        <button type="button" className="quiet" onClick={onCancel}>
          Leave it <kbd>Esc</kbd>
        </button>
        <span className="faint">
          <kbd>↑</kbd> <kbd>↓</kbd> weigh, <kbd>Enter</kbd> moves
        </span>
      </p>
    </section>
  );
}

interface TargetProps {
  id: string;
  move: WeighedMove;
  over: boolean;
  zone: string;
  onPoint: () => void;
  onDrop: () => void;
}

function Target({ id, move, over, zone, onPoint, onDrop }: TargetProps) {
  return (
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events -- Enter does it
    <div
      id={id}
      role="option"
      tabIndex={-1}
      aria-selected={over}
      aria-disabled={!move.fits}
      className={`move-target${over ? " over" : ""}${move.fits ? "" : " barred"}`}
      onPointerEnter={onPoint}
      onClick={onDrop}
    >
      <span className="move-name">
        {shortVehicle(move.vehicle_id)}
        {move.route_id === null && <span className="faint"> stays in now</span>}
      </span>
      <span className={move.fits ? "mark done" : "mark high"}>
        {move.fits ? `✓ ${costChange(move.cost_usd)}` : `✕ ${move.refusals[0]?.limit ?? ""}`}
      </span>
      {over && <span className="move-said">{verdict(move, zone)}</span>}
    </div>
  );
}
