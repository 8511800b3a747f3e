import { lazy, type ReactNode, Suspense, useEffect, useRef, useState } from "react";
import { inPath } from "../../api/client";
import type { Act, ExceptionDetail, ExceptionItem, Me } from "../../api/schema";
import { mayDispatch } from "../../api/session";
import { serverNow } from "../../live/clock";
import { useStore } from "../../live/store";
import { usePast } from "../../past/past";
import { useShown } from "../../past/useShown";
import { count, dollars } from "../../shown/numbers";
import { words } from "../../shown/words";
import { Age } from "../../ui/Age";
import { Empty, Failure, Skeleton, StaleNote } from "../../ui/faces";
import { Link } from "../../ui/Link";
import { SeverityMark } from "../../ui/SeverityMark";
import { Time } from "../../ui/Time";
import type { Draft } from "../acting/drafts";
import { act, acting, type Conflict, type Deed, forgetConflict, forgetFailure } from "./acts";
import { Evidence } from "./Evidence";

const CommandPanel = lazy(() => import("../acting/CommandPanel").then(({ CommandPanel }) => ({ default: CommandPanel })));

export type Panel = "snooze" | "note" | "resolve" | null;

interface Props {
  id: string;
  /** As the list has it; newer than what was loaded here, or older. */
  row: ExceptionItem | null;
  me: Me;
  panel: Panel;
  onPanel: (panel: Panel) => void;
}

/** One exception: what is wrong, at what stake, on what evidence, who did what, what to do. */
export function Detail({ id, row, me, panel, onPanel }: Props) {
  const { data, error, loadedAt, retry } = useShown<ExceptionDetail>(`/v1/exceptions/${inPath(id)}`, {
    leastMs: 50,
    when: (kind, told) => isAbout(id, kind, told),
  });
  const seen = data?.version;
  const isPast = usePast() !== null;
  useEffect(() => {
    if (seen !== undefined && row !== null && row.version > seen) retry();
  }, [retry, row, seen]);

  if (data === null) {
    if (error?.status === 404) {
      return (
        <Empty title="There was no such exception">
          <p>It opened later, or what was heard since shows that there was none.</p>
        </Empty>
      );
    }
    if (error) return <Failure error={error} retry={retry} />;
    return <Skeleton rows={8} label="the exception" />;
  }
  const now = row !== null && row.version >= data.version ? { ...data, ...row } : data;
  return (
    <article className="detail">
      {error && <StaleNote error={error} retry={retry} />}
      <header>
        <p className="detail-over">
          <SeverityMark severity={now.severity} named />
          <span>{words(now.state)}</span>
          {now.escalated && <span className="mark high">⇧ Escalated</span>}
          <span className="grow" />
          <Age atMs={loadedAt} staleAfterMs={600_000} />
        </p>
        <h2>{words(now.kind)}</h2>
        <p className="detail-subject">
          <Subject row={now} />
        </p>
      </header>
      <Buttons row={now} me={me} panel={panel} onPanel={onPanel} />
      <Outcome id={id} row={now} />
      {mayDispatch(me) && !isPast && <DayActs row={now} />}
      <Facts row={now} />
      <section>
        <h3>Evidence</h3>
        <Evidence evidence={now.evidence} />
      </section>
      <section>
        <h3>Done</h3>
        <Acts acts={data.acts} />
      </section>
    </article>
  );
}

function isAbout(id: string, kind: string, told: unknown): boolean {
  const about = told as { exception_id?: string; case_id?: string };
  return (kind === "exception" && about.exception_id === id) || (kind === "case" && about.case_id === id);
}

function Subject({ row }: { row: ExceptionItem }) {
  if (row.parcel_id) return <Link to={`/parcel/${inPath(row.parcel_id)}`}>{row.parcel_id}</Link>;
  return <>{row.subject ?? "–"}</>;
}

function Facts({ row }: { row: ExceptionItem }) {
  const facts: readonly (readonly [string, ReactNode])[] = [
    ["Owner", row.owner ?? <span className="mark medium">▲ Nobody yet</span>],
    ["Opened", <Time key="opened" at={row.opened_at} withZone withRelative />],
    ["Over", row.closed_at ? <Time key="closed" at={row.closed_at} withZone withRelative /> : null],
    ["Money at risk", row.money_at_risk_usd ? dollars(row.money_at_risk_usd) : null],
    ["Promises at risk", row.promises_at_risk ? count(row.promises_at_risk) : null],
    ["Answers for the cause", row.responsible],
    ["Load", row.load_id],
    ["Route", row.route_id],
    ["Vehicle", row.vehicle_id],
    [
      "Facility",
      row.facility_id && (
        <Link key="facility" to={`/tower?facility=${encodeURIComponent(row.facility_id)}&id=${encodeURIComponent(row.id)}`}>
          {row.facility_id}
        </Link>
      ),
    ],
    ["Carrier", row.carrier_id],
  ];
  return (
    <dl className="facts">
      {facts
        .filter(([, value]) => value !== null)
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

interface ButtonProps {
  row: ExceptionItem;
  me: Me;
  panel: Panel;
  onPanel: (panel: Panel) => void;
}

function Buttons({ row, me, panel, onPanel }: ButtonProps) {
  const { busy } = useStore(acting);
  if (usePast() !== null) {
    return (
      <p className="read-only">
        <span aria-hidden="true">◷</span> The past can only be read. To act on it, go back to now: <kbd>t</kbd>
      </p>
    );
  }
  if (!mayDispatch(me)) return <p className="faint">Your role ({me.role}) may look, not act.</p>;
  const off = busy !== null;
  const does = (action: Deed, name: string, key: string | null, main = false) => (
    <button
      type="button"
      className={main ? "main" : ""}
      disabled={off}
      onClick={() => void act(row, { action })}
    >
      {name} {key && <kbd>{key}</kbd>}
    </button>
  );
  const opens = (wanted: NonNullable<Panel>, name: string, key: string) => (
    <button
      type="button"
      disabled={off}
      aria-expanded={panel === wanted}
      onClick={() => onPanel(panel === wanted ? null : wanted)}
    >
      {name} <kbd>{key}</kbd>
    </button>
  );
  const over = row.state === "closed" || row.state === "resolved";
  return (
    <div className="acts">
      {row.owner !== me.name && does("own", "Take", "o", !over)}
      {row.state === "open" && does("acknowledge", "Acknowledge", "a")}
      {!over && opens("snooze", "Snooze", "s")}
      {!over && !row.escalated && does("escalate", "Escalate", "e")}
      {opens("note", "Note", "n")}
      {!over && opens("resolve", "Resolve", "r")}
      {row.state === "resolved" && does("reopen", "Open again", null)}
      {panel === "snooze" && <SnoozePanel row={row} onDone={() => onPanel(null)} />}
      {(panel === "note" || panel === "resolve") && (
        <TextPanel key={panel} row={row} action={panel} onDone={() => onPanel(null)} />
      )}
    </div>
  );
}

/** What can be changed of the day where this exception is. */
function DayActs({ row }: { row: ExceptionItem }) {
  const [draft, setDraft] = useState<Draft | null>(null);
  const { parcel_id: parcel, load_id: load, facility_id: place } = row;
  const offered: readonly (readonly [name: string, draft: Draft])[] = [
    ...(parcel
      ? ([
          ["Try again…", { command: "reattempt", parcel_id: parcel }],
          ["Give to partner…", { command: "divert", parcel_ids: [parcel] }],
        ] as const)
      : []),
    ...(load
      ? ([
          ["Hold…", { command: "hold_departure", load_id: load }],
          ["Cancel load…", { command: "cancel_load", load_id: load }],
          ["Divert…", { command: "divert", load_id: load }],
          ["Add a load…", { command: "add_load", from: place ?? "", to: "" }],
        ] as const)
      : []),
  ];
  if (offered.length === 0) return null;
  return (
    <section aria-label="Change the day">
      <div className="acts">
        {offered.map(([name, offer]) => (
          <button
            key={name}
            type="button"
            aria-expanded={JSON.stringify(draft) === JSON.stringify(offer)}
            onClick={() => setDraft(offer)}
          >
            {name}
          </button>
        ))}
      </div>
      {draft && (
        <Suspense fallback={<Skeleton rows={4} label="the command" />}>
          <CommandPanel key={JSON.stringify(draft)} draft={draft} onClose={() => setDraft(null)} />
        </Suspense>
      )}
    </section>
  );
}

const SNOOZES: readonly (readonly [name: string, minutes: number])[] = [
  ["15 min", 15],
  ["30 min", 30],
  ["1 h", 60],
  ["4 h", 240],
];

function SnoozePanel({ row, onDone }: { row: ExceptionItem; onDone: () => void }) {
  const first = useRef<HTMLButtonElement>(null);
  useEffect(() => first.current?.focus(), []);
  function snooze(minutes: number): void {
    const until = new Date(serverNow() + minutes * 60_000).toISOString();
    void act(row, { action: "snooze", until });
    onDone();
  }
  return (
    <div className="act-panel" role="group" aria-label="Snooze for">
      {SNOOZES.map(([name, minutes], place) => (
        <button key={name} ref={place === 0 ? first : null} type="button" onClick={() => snooze(minutes)}>
          {name}
        </button>
      ))}
    </div>
  );
}

function TextPanel({ row, action, onDone }: { row: ExceptionItem; action: "note" | "resolve"; onDone: () => void }) {
  const [text, setText] = useState("");
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => field.current?.focus(), []);
  const needed = action === "note";
  function send(): void {
    if (needed && !text.trim()) return;
    void act(row, { action, text });
    onDone();
  }
  return (
    <div className="act-panel">
      <textarea
        ref={field}
        rows={3}
        maxLength={4_000}
        aria-label={needed ? "Note" : "How it was resolved"}
        placeholder={needed ? "What the next dispatcher should know" : "How it was resolved (may stay empty)"}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") onDone();
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) send();
        }}
      />
      <button type="button" className="main" disabled={needed && !text.trim()} onClick={send}>
        {needed ? "Note" : "Resolve"} <kbd>Ctrl ⏎</kbd>
      </button>
    </div>
  );
}

/** What became of the last action here, where it did not simply work. */
function Outcome({ id, row }: { id: string; row: ExceptionItem }) {
  const { conflicts, failure } = useStore(acting);
  const conflict = conflicts.get(id);
  if (conflict) return <Changed conflict={conflict} row={row} />;
  if (failure?.id !== id) return null;
  return (
    <div className="outcome">
      <Failure error={failure.error} retry={() => void act(row, failure.asked)} />
      <button type="button" className="quiet" onClick={forgetFailure}>
        Leave it
      </button>
    </div>
  );
}

/** Two acted on the same: who was second sees what the first did, and decides. */
function Changed({ conflict, row }: { conflict: Conflict; row: ExceptionItem }) {
  const { asked, seenVersion, current } = conflict;
  const since = current.acts.filter((done) => done.version > seenVersion);
  return (
    <div className="outcome conflict" role="alert">
      <p className="face-title">
        <span aria-hidden="true">◆</span> It changed before you: “{asked.action}” was not done
      </p>
      {since.length ? <Acts acts={since} /> : <p>An earlier action was taken back.</p>}
      <div className="acts">
        <button type="button" onClick={() => forgetConflict(row.id)}>
          Leave it so
        </button>
        <button type="button" onClick={() => void act(row, asked)}>
          Do it all the same
        </button>
      </div>
    </div>
  );
}

const DID: Record<string, string> = {
  own: "took it",
  acknowledge: "acknowledged",
  snooze: "snoozed",
  escalate: "escalated",
  note: "noted",
  resolve: "resolved",
  reopen: "opened it again",
};

function Acts({ acts }: { acts: readonly Act[] }) {
  if (acts.length === 0) return <p className="faint">Nobody did anything yet.</p>;
  return (
    <ol className="done">
      {acts.toReversed().map((done) => (
        <li key={done.version}>
          <span>
            <strong>{done.by}</strong> {DID[done.action] ?? done.action}
            {done.owner && ` for ${done.owner}`}
            {done.until && (
              <>
                {" until "}
                <Time at={done.until} withZone />
              </>
            )}
          </span>
          <span className="faint">
            <Time at={done.at} withZone withRelative />
          </span>
          {done.text && <p className="said">{done.text}</p>}
        </li>
      ))}
    </ol>
  );
}
