import type { RefObject } from "react";
import { inPath } from "../../api/client";
import type { ExceptionItem } from "../../api/schema";
import { setQuery } from "../../frame/address";
import { useStore } from "../../live/store";
import { shownNow } from "../../past/past";
import { csvOf, fileName } from "../../shown/csv";
import { count } from "../../shown/numbers";
import { SEVERITY_NAMES, severityOf, words } from "../../shown/words";
import { Age } from "../../ui/Age";
import { CopyLink } from "../../ui/CopyLink";
import { Link } from "../../ui/Link";
import { type Filters, SHOWN, type Shown } from "./filters";
import { queue } from "./queue";
import { saveText } from "../../ui/save";

const NAMES: Record<Shown, string> = {
  todo: "To do",
  untouched: "Untouched",
  mine: "Mine",
  snoozed: "Snoozed",
  done: "Done",
  causes: "By cause",
};

interface Props {
  filters: Filters;
  rows: ReadonlyMap<string, ExceptionItem>;
  shown: readonly ExceptionItem[];
  search: RefObject<HTMLInputElement | null>;
}

/** What is shown, kept in the address: a link shows the same. */
export function FilterBar({ filters, rows, shown, search }: Props) {
  const { loadedAt } = useStore(queue);

  return (
    <div className="filters">
      <div className="filters-line">
        <h2>Exceptions</h2>
        <span>
          {count(loadedAt === null ? null : shown.length)} <Age atMs={loadedAt} staleAfterMs={120_000} />
        </span>
        <span className="grow" />
        <CopyLink />
        <button
          type="button"
          className="quiet"
          title="The exceptions of this list as a file"
          onClick={() => saveText(fileName("exceptions", shownNow()), "text/csv;charset=utf-8", exceptionsCsv(shown))}
        >
          CSV
        </button>
      </div>
      <div className="filters-line" role="group" aria-label="Which">
        {SHOWN.map((each) => (
          <button
            key={each}
            type="button"
            className="chip"
            aria-pressed={filters.show === each}
            onClick={() => setQuery({ show: each === "todo" ? null : each })}
          >
            {NAMES[each]}
          </button>
        ))}
      </div>
      {filters.show !== "causes" && <Narrowing filters={filters} rows={rows} search={search} />}
      {filters.facility !== null && (
        <div className="filters-line">
          <button type="button" className="chip" aria-pressed onClick={() => setQuery({ facility: null })}>
            at {filters.facility} ✕
          </button>
          <Link to={`/board/${inPath(filters.facility)}`}>Board of {filters.facility}</Link>
        </div>
      )}
    </div>
  );
}

function exceptionsCsv(rows: readonly ExceptionItem[]): string {
  return csvOf(
    COLUMNS,
    rows.map((row) => COLUMNS.map((name) => row[name])),
  );
}

const COLUMNS = [
  "id", "kind", "severity", "state", "subject", "parcel_id", "load_id", "route_id", "vehicle_id",
  "facility_id", "carrier_id", "owner", "responsible", "escalated", "opened_at", "closed_at",
  "promises_at_risk", "money_at_risk_usd",
] as const satisfies readonly (keyof ExceptionItem)[];

type NarrowingProps = Omit<Props, "shown">;

/** By severity, text and kind: of exceptions, not of their causes. */
function Narrowing({ filters, rows, search }: NarrowingProps) {
  const kinds = [...new Set(Array.from(rows.values(), (row) => row.kind))].sort();

  function flip(severity: string): void {
    const chosen = new Set(filters.severities);
    if (!chosen.delete(severity)) chosen.add(severity);
    setQuery({ severity: [...chosen].sort().join(",") });
  }
  return (
    <>
      <div className="filters-line" role="group" aria-label="Severity">
        {SEVERITY_NAMES.map((severity) => {
          const { mark, tone, name } = severityOf(severity);
          return (
            <button
              key={severity}
              type="button"
              className="chip"
              aria-pressed={filters.severities.has(severity)}
              onClick={() => flip(severity)}
            >
              <span className={`mark ${tone}`} aria-hidden="true">
                {mark}
              </span>{" "}
              {name}
            </button>
          );
        })}
      </div>
      <div className="filters-line">
        <input
          ref={search}
          type="search"
          aria-label="Filter by text"
          placeholder="Filter (f)"
          value={filters.text}
          onChange={(event) => setQuery({ q: event.target.value }, { replace: true })}
          onKeyDown={(event) => {
            if (event.key === "Enter" || event.key === "Escape") event.currentTarget.blur();
          }}
        />
        <select
          aria-label="Kind"
          value={filters.kind ?? ""}
          onChange={(event) => setQuery({ kind: event.target.value })}
        >
          <option value="">Every kind</option>
          {kinds.map((kind) => (
            <option key={kind} value={kind}>
              {words(kind)}
            </option>
          ))}
        </select>
      </div>
    </>
  );
}
