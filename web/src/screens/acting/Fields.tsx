import { type ReactNode, useId } from "react";
import { get } from "../../api/client";
import type { Chart } from "../../api/schema";
import { useLoaded } from "../../live/loaded";
import { Time } from "../../ui/Time";
import type { Field, Typed } from "./drafts";

interface Props {
  fields: readonly Field[];
  typed: Typed;
  onType: (field: Field, text: string) => void;
  /** The instant that the minutes come to. */
  untilMs: number | null;
  zone: string | undefined;
}

const STEPS = [15, 30, 60, 120] as const;

/** What a command still asks for. */
export function Fields({ fields, typed, onType, untilMs, zone }: Props) {
  const places = useId();
  const wantsPlaces = fields.includes("to") || fields.includes("from");
  const text = (field: Field, label: string, more: string, list?: string): ReactNode => (
    <label key={field} className="command-field">
      <span>{label}</span>
      <input
        type="text"
        autoComplete="off"
        spellCheck={false}
        maxLength={200}
        placeholder={more}
        value={typed[field]}
        list={list}
        onChange={(event) => onType(field, event.target.value)}
      />
    </label>
  );
  return (
    <div className="command-fields">
      {fields.map((field) => {
        switch (field) {
          case "minutes":
            return <Minutes key={field} value={typed.minutes} onType={(value) => onType(field, value)} untilMs={untilMs} zone={zone} />;
          case "from":
            return text(field, "From", "facility", places);
          case "to":
            return text(field, "To", "facility", places);
          case "volume":
            return text(field, "Space, m³", "what it would save");
          case "carrier":
            return text(field, "Partner", "carrier, such as USPS");
          case "route":
            return text(field, "To route", "R-…");
        }
      })}
      {wantsPlaces && <Places id={places} />}
    </div>
  );
}

interface MinutesProps {
  value: string;
  onType: (value: string) => void;
  untilMs: number | null;
  zone: string | undefined;
}

function Minutes({ value, onType, untilMs, zone }: MinutesProps) {
  return (
    <div className="command-field">
      <label className="command-field">
        <span>Minutes after its plan</span>
        <input
          type="number"
          min={0}
          max={720}
          step={5}
          value={value}
          onChange={(event) => onType(event.target.value)}
        />
      </label>
      <span className="command-steps" role="group" aria-label="Usual holds">
        {STEPS.map((minutes) => (
          <button
            key={minutes}
            type="button"
            className="chip"
            aria-pressed={value === String(minutes)}
            onClick={() => onType(String(minutes))}
          >
            {minutes < 60 ? `${minutes} min` : `${minutes / 60} h`}
          </button>
        ))}
      </span>
      {untilMs !== null && Number.isFinite(untilMs) && (
        <span>
          until <Time at={untilMs} zone={zone} withZone />
        </span>
      )}
    </div>
  );
}

/** Facilities to choose from while typing; typing one by heart works without. */
function Places({ id }: { id: string }) {
  const { data } = useLoaded<Chart>("places", (signal) => get("/v1/map", signal));
  return (
    <datalist id={id}>
      {data?.facilities.map((place) => (
        <option key={place.facility_id} value={place.facility_id}>
          {place.name}
        </option>
      ))}
    </datalist>
  );
}
