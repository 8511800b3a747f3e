import { useEffect, useRef, useState } from "react";
import { inPath, newKey, post } from "../../api/client";
import { asRefused, type RefusedError } from "../../api/problems";
import type { Me, ShiftNote, ShiftNotes as Notes } from "../../api/schema";
import { mayDispatch } from "../../api/session";
import { usePast } from "../../past/past";
import { useShown } from "../../past/useShown";
import { count } from "../../shown/numbers";
import { Time } from "../../ui/Time";

const SHOWN = 20;

/** What the last dispatcher left for the next, until it is read; and a way to leave one. */
export function ShiftNotes({ me }: { me: Me }) {
  const { data, retry } = useShown<Notes>(`/v1/shift-notes?limit=${SHOWN}`, {
    everyMs: 120_000,
    leastMs: 200,
    when: (kind) => kind === "shift_note",
  });
  const isPast = usePast() !== null;
  const [writing, setWriting] = useState(false);
  if (!mayDispatch(me)) return null;
  const unread = data?.items.filter((note) => !note.read) ?? [];
  return (
    <section className="shift" aria-label="Shift notes">
      {unread.map((note) => (
        <Unread key={note.note_id} note={note} isPast={isPast} onRead={retry} />
      ))}
      {writing && !isPast ? (
        <Writing
          onDone={() => {
            setWriting(false);
            retry();
          }}
          onClose={() => setWriting(false)}
        />
      ) : (
        <p className="shift-line">
          <Last note={data?.items[0] ?? null} />
          {!isPast && (
            <button type="button" className="quiet" onClick={() => setWriting(true)}>
              Hand over…
            </button>
          )}
        </p>
      )}
    </section>
  );
}

function Unread({ note, isPast, onRead }: { note: ShiftNote; isPast: boolean; onRead: () => void }) {
  const [failure, setFailure] = useState<RefusedError | null>(null);
  const [busy, setBusy] = useState(false);
  async function read(): Promise<void> {
    setBusy(true);
    try {
      await post(`/v1/shift-notes/${inPath(note.note_id)}/read`, {}, newKey());
      onRead();
    } catch (error) {
      setFailure(asRefused(error));
      setBusy(false);
    }
  }
  return (
    <article className="shift-note">
      <p>
        Note from <strong>{note.by}</strong>
        {note.to && <> for {note.to}</>}, <Time at={note.at} withZone withRelative />:
      </p>
      <p className="said">{note.text}</p>
      <p className="faint">
        {changeOf(note)}
        {note.standing.held_loads.length > 0 && ` · held: ${note.standing.held_loads.join(", ")}`}
      </p>
      {failure && (
        <p className="mark high">
          <span aria-hidden="true">◆</span> Not marked as read: {failure.detail}
        </p>
      )}
      {!isPast && (
        <button type="button" className="main" disabled={busy} onClick={() => void read()}>
          Read
        </button>
      )}
    </article>
  );
}

/** "open 12 → 14 (3 new, 1 over), untouched 4 → 5, ann's 2 → 2". */
function changeOf({ standing, now, since, by }: ShiftNote): string {
  const moved = `${count(since.opened)} new, ${count(since.closed)} over`;
  return (
    `Open ${count(standing.open)} → ${count(now.open)} (${moved}) · ` +
    `untouched ${count(standing.untouched)} → ${count(now.untouched)} · ` +
    `${by}'s ${count(standing.owned)} → ${count(now.owned)}`
  );
}

function Last({ note }: { note: ShiftNote | null }) {
  if (note === null) return <span className="faint">No shift note yet.</span>;
  const readers = note.readings.map(({ by }) => by).join(", ");
  return (
    <span className="faint">
      Last shift note: {note.by}, <Time at={note.at} withZone />
      {readers ? `, read by ${readers}` : ", not read by anybody else yet"}
    </span>
  );
}

function Writing({ onDone, onClose }: { onDone: () => void; onClose: () => void }) {
  const [text, setText] = useState("");
  const [to, setTo] = useState("");
  const [failure, setFailure] = useState<RefusedError | null>(null);
  const [busy, setBusy] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const key = useRef(newKey());
  useEffect(() => field.current?.focus(), []);
  async function send(): Promise<void> {
    if (!text.trim() || busy) return;
    setBusy(true);
    try {
      await post("/v1/shift-notes", { text, to }, key.current);
      onDone();
    } catch (error) {
      setFailure(asRefused(error));
      setBusy(false);
    }
  }
  function changed(change: (value: string) => void, value: string): void {
    key.current = newKey();
    change(value);
  }
  return (
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions -- Escape leaves it from any field
    <div
      className="shift-write"
      onKeyDown={(event) => {
        if (event.key === "Escape") onClose();
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void send();
      }}
    >
      <textarea
        ref={field}
        rows={3}
        maxLength={4_000}
        aria-label="Shift note"
        placeholder="What the next dispatcher should know. How many exceptions are open, untouched and yours, and what is held, is kept with it."
        value={text}
        onChange={(event) => changed(setText, event.target.value)}
      />
      {failure && (
        <p className="mark high">
          <span aria-hidden="true">◆</span> Not handed over: {failure.detail}
        </p>
      )}
      <p className="shift-line">
        <input
          aria-label="For whom"
          placeholder="For whom (may stay empty)"
          maxLength={200}
          value={to}
          onChange={(event) => changed(setTo, event.target.value)}
        />
        <button type="button" className="main" disabled={busy || !text.trim()} onClick={() => void send()}>
          Hand over <kbd>Ctrl ⏎</kbd>
        </button>
        <button type="button" onClick={onClose}>
          Leave it
        </button>
      </p>
    </div>
  );
}
