import type { ReactNode } from "react";
import { inPath } from "../../api/client";
import type { DriverDetail, DriverFinding, NextDuty } from "../../api/schema";
import { setQuery } from "../../frame/address";
import { useSeconds } from "../../live/clock";
import { shownNow } from "../../past/past";
import { useShown } from "../../past/useShown";
import { relative, zoneName } from "../../shown/times";
import { words } from "../../shown/words";
import { Age } from "../../ui/Age";
import { CopyLink } from "../../ui/CopyLink";
import { Empty, Failure, Skeleton, StaleNote } from "../../ui/faces";
import { Link } from "../../ui/Link";
import { Time } from "../../ui/Time";
import { Bar } from "./ClockBars";
import {
  clocksOf, doingOf, gainsOf, hours, hoursSaid, section, severityOf, sourceOf, standingOf,
} from "./fleet";
import { Rods } from "./Rods";
import { concernsDrivers } from "./useDrivers";
import { WhatIf } from "./WhatIf";

const EVERY_MS = 20_000;
const LEAST_MS = 3_000;

/** One driver: clocks, what gives hours back, the log, what comes, and whether one more fits. */
export function Driver({ id }: { id: string }) {
  const { data, error, loadedAt, retry } = useShown<DriverDetail>(`/v1/drivers/${inPath(id)}`, {
    everyMs: EVERY_MS,
    leastMs: LEAST_MS,
    when: (kind, told) => concernsDrivers(kind, told, id),
  });
  if (data === null) {
    if (error?.status === 404) {
      return (
        <Empty title={`There is no driver ${id}`}>
          No network, plan or event names one so.{" "}
          <button type="button" onClick={() => setQuery({ driver: null })}>
            Back to the drivers
          </button>
        </Empty>
      );
    }
    return error ? <Failure error={error} retry={retry} /> : <Skeleton rows={9} label="the driver" />;
  }
  return (
    <div className="driver">
      <Header driver={data} loadedAt={loadedAt} />
      {error && <StaleNote error={error} retry={retry} />}
      <div className="driver-parts">
        <div>
          <Clocks driver={data} />
          <Gains driver={data} />
        </div>
        <WhatIf driver={data} />
      </div>
      {data.segments.length > 0 && <Rods driver={data} />}
      <div className="driver-parts">
        <Findings driver={data} />
        <Duties driver={data} />
      </div>
    </div>
  );
}

function Header({ driver, loadedAt }: { driver: DriverDetail; loadedAt: number | null }) {
  useSeconds();
  const nowMs = shownNow();
  const { tone, mark, text } = standingOf(driver, nowMs);
  const told = [
    driver.facility_id && `home ${driver.facility_id}`,
    driver.kind && words(driver.kind).toLowerCase(),
    driver.carrier_id,
    driver.team_with && `team with ${driver.team_with}`,
    driver.regulated === false ? null : driver.ruleset.replaceAll("_", " "),
  ].filter(Boolean);
  return (
    <header className="driver-head">
      <div className="driver-title">
        <h2>{driver.driver_id}</h2>
        <span className={`mark ${tone}`}>
          <span aria-hidden="true">{mark}</span> {text}
        </span>
        <span className="grow" />
        <Age atMs={loadedAt} />
        <CopyLink />
        <button type="button" className="quiet" onClick={() => setQuery({ driver: null, day: null })}>
          Close <kbd>Esc</kbd>
        </button>
      </div>
      <p>
        {doingOf(driver, nowMs)}
        {driver.since !== null && ` ${zoneName(Date.parse(driver.since), driver.timezone)}`}
        {driver.source !== null && <span className="faint"> · {sourceOf(driver.source)}</span>}
        {driver.told_at !== null && (
          <span className="faint"> · last word {relative(Date.parse(driver.told_at), nowMs)}</span>
        )}
      </p>
      <p className="faint">{told.join(" · ")}</p>
    </header>
  );
}

function Clocks({ driver }: { driver: DriverDetail }) {
  const { clocks } = driver;
  if (clocks === null) {
    return (
      <Part title="Hours">
        {driver.standing === "not_regulated" ? (
          <p>
            The hours-of-service rules are not for this driver. {sentence(driver.coverage)}{" "}
            <Citation text={driver.coverage_citation} />
          </p>
        ) : (
          <p>
            Nothing is known of this driver’s hours: the network has no duty log, and no event has told a duty status.
            That is not the same as rested.
          </p>
        )}
      </Part>
    );
  }
  const citations = (start: string): string =>
    driver.limits.find(({ rule }) => rule.startsWith(start))?.citation ?? "";
  return (
    <Part title="Hours left">
      <div className="drive-now">
        <strong>{hours(clocks.drive_now_s)}</strong>
        <span>
          to drive from now
          <span className="faint under">
            {driver.drives_until !== null ? (
              <>
                without a break until <Time at={driver.drives_until} zone={driver.timezone} withZone />
              </>
            ) : driver.legal_again_at !== null ? (
              <>
                again from <Time at={driver.legal_again_at} zone={driver.timezone} withZone withRelative />, resting until
                then
              </>
            ) : (
              "not again in the days of the cycle by rest alone"
            )}
          </span>
        </span>
      </div>
      <dl className="clocks">
        {clocksOf(driver).map((clock) => (
          <div key={clock.id} title={citations(clock.id)}>
            <dt>{clock.name}</dt>
            <dd className="clock-figure">
              {clock.doubt !== undefined && "≤ "}
              {hours(clock.leftS)} <span className="faint">of {hours(clock.mostS)}</span>
            </dd>
            <dd>
              <Bar clock={clock} />
            </dd>
            <dd className="faint clock-cited">{section(citations(clock.id))}</dd>
          </div>
        ))}
      </dl>
      {!clocks.cycle_whole && driver.counted_from !== null && (
        <p className="faint">
          The log begins <Time at={driver.counted_from} zone={driver.timezone} withZone />: the days before it count as
          rest, so the cycle may have less.
        </p>
      )}
      {driver.regulated === null && (
        <p className="faint">
          {sentence(driver.coverage)} <Citation text={driver.coverage_citation} />
        </p>
      )}
      <Split driver={driver} />
    </Part>
  );
}

/** What a split would give, and what it obliges to. */
function Split({ driver }: { driver: DriverDetail }) {
  const { if_split: split, timezone: zone } = driver;
  if (split === null) return null;
  return (
    <p className="if-split">
      <span className="mark low">
        <span aria-hidden="true">◧</span> If the split is completed:
      </span>{" "}
      <strong>{hours(split.drive_now_s)}</strong> to drive now ({hours(split.driving_s)} driving, {hours(split.window_s)}{" "}
      window). It needs{" "}
      <strong>
        {hoursSaid(split.owed_s)} {split.in_berth ? "in the sleeper berth" : "of rest"}
      </strong>{" "}
      from <Time at={split.by} zone={zone} withZone /> at the latest, after the rest of{" "}
      <Time at={split.rested_from} zone={zone} /> to <Time at={split.rested_to} zone={zone} />.{" "}
      {split.citation !== null && <Citation text={split.citation} />}
    </p>
  );
}

function Gains({ driver }: { driver: DriverDetail }) {
  const gains = gainsOf(driver);
  if (gains.length === 0) return null;
  return (
    <Part title="What gives hours back">
      <ol className="gains">
        {gains.map((gain) => (
          <li key={gain.key}>
            <span>
              <Time at={gain.at} zone={driver.timezone} withZone />
              <span className="under faint">{relative(Date.parse(gain.at), shownNow())}</span>
            </span>
            <span>
              {gain.what}
              <span className="under faint">{gain.gains.join(" · ")}</span>
            </span>
          </li>
        ))}
      </ol>
    </Part>
  );
}

function Findings({ driver }: { driver: DriverDetail }) {
  if (driver.clocks === null) return null;
  return (
    <Part title="Findings of the last 8 days">
      {driver.findings.length === 0 ? (
        <p>
          <span className="mark done">✓</span> No driving beyond a limit.
        </p>
      ) : (
        <ol className="findings">
          {driver.findings.map((each) => (
            <Finding key={`${each.rule} ${each.starts_at}`} finding={each} zone={driver.timezone} />
          ))}
        </ol>
      )}
    </Part>
  );
}

function Finding({ finding, zone }: { finding: DriverFinding; zone: string }) {
  const { tone, mark, text } = severityOf(finding);
  return (
    <li>
      <span className={`mark ${tone}`}>
        <span aria-hidden="true">{mark}</span> {text}
      </span>{" "}
      {hoursSaid(finding.seconds)} beyond {finding.text}
      <span className="under faint">
        <Time at={finding.starts_at} zone={zone} /> to <Time at={finding.ends_at} zone={zone} withZone /> ·{" "}
        <Citation text={finding.citation} />
      </span>
    </li>
  );
}

function Duties({ driver }: { driver: DriverDetail }) {
  return (
    <Part title="Planned duties">
      {driver.duties.length === 0 ? (
        <p className="faint">None is planned from now on.</p>
      ) : (
        <ol className="findings">
          {driver.duties.map((each) => (
            <Duty key={`${each.duty_id ?? ""} ${each.starts_at}`} duty={each} driver={driver} />
          ))}
        </ol>
      )}
    </Part>
  );
}

function Duty({ duty, driver }: { duty: NextDuty; driver: DriverDetail }) {
  const { timezone: zone, facility_id: home } = driver;
  const first = duty.findings[0];
  return (
    <li>
      <LegalMark duty={duty} />{" "}
      {duty.load_ids.length === 0
        ? (duty.duty_id ?? "duty")
        : duty.load_ids.map((load, place) => (
            <span key={load}>
              {place > 0 && ", "}
              {home === null ? load : <Link to={`/board/${inPath(home)}?load=${encodeURIComponent(load)}`}>{load}</Link>}
            </span>
          ))}{" "}
      <Time at={duty.starts_at} zone={zone} /> to <Time at={duty.ends_at} zone={zone} withZone />
      <span className="under faint">
        {hoursSaid(duty.drive_s)} to drive
        {first && (
          <>
            {" "}
            · from <Time at={first.starts_at} zone={zone} /> beyond {first.text} · <Citation text={first.citation} />
          </>
        )}
      </span>
    </li>
  );
}

function LegalMark({ duty }: { duty: NextDuty }) {
  if (duty.legal === null) return <span className="mark none">– Not known</span>;
  return duty.legal ? (
    <span className="mark done">
      <span aria-hidden="true">✓</span> Legal
    </span>
  ) : (
    <span className="mark critical">
      <span aria-hidden="true">●</span> Not legal
    </span>
  );
}

export function Part({ title, children, tools }: { title: string; children: ReactNode; tools?: ReactNode }) {
  return (
    <section className="driver-part" aria-label={title}>
      <div className="driver-part-head">
        <h3>{title}</h3>
        {tools}
      </div>
      {children}
    </section>
  );
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/** Where a rule is written. */
export function Citation({ text }: { text: string }) {
  return <cite className="citation">{text}</cite>;
}
