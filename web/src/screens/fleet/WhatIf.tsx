import { type SyntheticEvent, useId, useState } from "react";
import { inPath, post } from "../../api/client";
import type { BoardOfFacility, DriverDetail, WhatIfAnswer, WhatIfAsked } from "../../api/schema";
import { setQuery, useAddress } from "../../frame/address";
import { useLoaded } from "../../live/loaded";
import { askedAt, shownNow, usePast } from "../../past/past";
import { useShown } from "../../past/useShown";
import { clockTime } from "../../shown/times";
import { Failure } from "../../ui/faces";
import { Time } from "../../ui/Time";
import { Citation, Part } from "./Driver";
import { type Asked, askedOf, hours, hoursSaid, NOTHING_ASKED, questionOf, verdictOf } from "./fleet";

const EVERY_MS = 60_000;

/** Can she still take that? Asked of a load, or of hours; the question is in the address. */
export function WhatIf({ driver }: { driver: DriverDetail }) {
  const { query } = useAddress();
  const asked = askedOf(query);
  const said = JSON.stringify(asked);
  return (
    <Part title="Can this driver still take …">
      <div className="what-if">
        <Form key={said} asked={asked} driver={driver} />
        {questionOf(asked, shownNow()) !== null && <Answered key={`${driver.driver_id} ${said}`} asked={asked} driver={driver} />}
      </div>
    </Part>
  );
}

function Form({ asked, driver }: { asked: Asked; driver: DriverDetail }) {
  const [typed, setTyped] = useState(asked);
  const loads = useId();
  const type = (part: Partial<Asked>): void => setTyped({ ...typed, ...part });
  function ask(event: SyntheticEvent): void {
    event.preventDefault();
    setQuery({ ...typed });
  }
  const byHours = typed.load === "";
  return (
    <form onSubmit={ask}>
      <label className="what-if-load">
        <span>a load</span>
        <input
          type="text"
          autoComplete="off"
          spellCheck={false}
          maxLength={200}
          placeholder="such as L-12"
          list={loads}
          value={typed.load}
          onChange={(event) => type({ load: event.target.value.trim(), drive: "", work: "" })}
        />
      </label>
      {driver.facility_id !== null && <Loads id={loads} facility={driver.facility_id} zone={driver.timezone} />}
      <Hours label="or driving, h" value={typed.drive} disabled={!byHours} onType={(drive) => type({ drive })} />
      <Hours label="other work, h" value={typed.work} disabled={!byHours} onType={(work) => type({ work })} />
      <Hours label="beginning in, h" value={typed.after} placeholder={byHours ? "now" : "as it leaves"} onType={(after) => type({ after })} />
      <span className="what-if-acts">
        <button type="submit" className="main">
          Ask
        </button>
        {Object.values(asked).some(Boolean) && (
          <button type="button" className="quiet" onClick={() => setQuery({ ...NOTHING_ASKED })}>
            Clear
          </button>
        )}
      </span>
    </form>
  );
}

interface HoursProps {
  label: string;
  value: string;
  placeholder?: string;
  disabled?: boolean;
  onType: (text: string) => void;
}

function Hours({ label, value, placeholder = "0", disabled = false, onType }: HoursProps) {
  return (
    <label>
      <span>{label}</span>
      <input
        type="number"
        min={0}
        max={100}
        step="any"
        placeholder={placeholder}
        disabled={disabled}
        value={value}
        onChange={(event) => onType(event.target.value)}
      />
    </label>
  );
}

/** What leaves the driver's home in the next day, to choose from. */
function Loads({ id, facility, zone }: { id: string; facility: string; zone: string }) {
  const { data } = useShown<BoardOfFacility>(`/v1/facilities/${inPath(facility)}/board?hours=24`);
  const rows = (data?.departures ?? []).filter(({ state }) => state === "planned" || state === "held");
  return (
    <datalist id={id}>
      {rows.map((row) => (
        <option key={row.load_id} value={row.load_id}>
          {`to ${row.to}, leaves ${clockTime(Date.parse(row.leaves_at), shownNow(), zone)}`}
        </option>
      ))}
    </datalist>
  );
}

function Answered({ asked, driver }: { asked: Asked; driver: DriverDetail }) {
  const atMs = usePast();
  const path = askedAt(`/v1/drivers/${inPath(driver.driver_id)}/what-if`, atMs);
  const { data, error, retry } = useLoaded<WhatIfAnswer>(
    `${path} ${JSON.stringify(asked)}`,
    () => post<WhatIfAnswer>(path, questionOf(asked, shownNow()) satisfies WhatIfAsked | null),
    { everyMs: EVERY_MS, leastMs: 3_000, when: (kind) => kind === "command", still: atMs !== null },
  );
  // What was asked for cannot be answered: there is no such load, or it has left.
  if (error !== null && [404, 409, 422].includes(error.status)) {
    return (
      <p className="mark medium answer" role="status">
        <span aria-hidden="true">▲</span> {error.detail}
      </p>
    );
  }
  if (data === null) {
    return error ? <Failure error={error} retry={retry} /> : <p className="faint" role="status">Working it out …</p>;
  }
  return <Answer answer={data} zone={driver.timezone} />;
}

function Answer({ answer, zone }: { answer: WhatIfAnswer; zone: string }) {
  const { tone, mark, text } = verdictOf(answer);
  const { binding, after } = answer;
  // The first of them says of the limit that decides what stands above.
  const reasons = binding === null ? answer.reasons : answer.reasons.slice(1);
  return (
    <div className="answer" role="status">
      <p className={`mark ${tone} answer-verdict`}>
        <span aria-hidden="true">{mark}</span> {text}
      </p>
      <dl className="facts">
        <Fact name={answer.load_id ?? "The trip"}>
          {hoursSaid(answer.drive_s)} driving
          {answer.work_s > 0 && `, ${hoursSaid(answer.work_s)} other work`}
          <span className="under faint">
            <Time at={answer.starts_at} zone={zone} /> to <Time at={answer.ends_at} zone={zone} withZone />
            {(answer.late_s ?? 0) >= 60 && `, begins ${hoursSaid(answer.late_s ?? 0)} late`}
          </span>
        </Fact>
        {binding !== null && (
          <Fact name={binding.left_s < 0 ? "What bars it" : "Nearest limit"}>
            {binding.text}
            <span className="under faint">
              {binding.at !== null && (
                <>
                  used up at <Time at={binding.at} zone={zone} withZone />,{" "}
                </>
              )}
              {binding.left_s < 0 ? `${hoursSaid(-binding.left_s)} driven beyond` : `${hoursSaid(binding.left_s)} to spare`} ·{" "}
              <Citation text={binding.citation} />
            </span>
          </Fact>
        )}
        {answer.allowed !== false && after !== null && (
          <Fact name="Left afterwards">
            {hours(after.driving_s)} drive · {hours(after.window_s)} window · {hours(after.cycle_s)} cycle
          </Fact>
        )}
        {answer.allowed === false && (
          <>
            <Fact name="Legal from">
              {answer.legal_from === null ? (
                "no start: it is more than one duty"
              ) : (
                <>
                  <Time at={answer.legal_from} zone={zone} withZone withRelative />
                  <span className="under faint">after rest until then</span>
                </>
              )}
            </Fact>
            <Fact name="With rests on the way">
              {answer.completes_at === null ? (
                "not in the days of the cycle"
              ) : (
                <>
                  over at <Time at={answer.completes_at} zone={zone} withZone />
                </>
              )}
            </Fact>
          </>
        )}
      </dl>
      <ul className="reasons">
        {reasons.map(({ text: reason, citation }) => (
          <li key={reason}>
            {reason}
            {citation !== null && (
              <>
                {" "}
                <Citation text={citation} />
              </>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
