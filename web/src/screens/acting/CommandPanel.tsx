import { type KeyboardEvent, type SyntheticEvent, useEffect, useRef, useState } from "react";
import { newKey, post } from "../../api/client";
import { asRefused, type RefusedError } from "../../api/problems";
import type { CommandAnswer } from "../../api/schema";
import { serverNow } from "../../live/clock";
import { Failure, Skeleton } from "../../ui/faces";
import { Time } from "../../ui/Time";
import { askedOf, type Draft, doneOf, type Field, fieldsOf, titleOf, type Typed, typedOf, verbOf } from "./drafts";
import { Fields } from "./Fields";
import { Effect } from "./Effect";
import { usePreview } from "./usePreview";
import "./acting.css";

interface Props {
  /** What is to be done to what; another draft needs another `key`. */
  draft: Draft;
  onClose: () => void;
  onDone?: (answer: CommandAnswer) => void;
}

/** A command with what it would do, recomputed as it is typed; Enter does it, Escape leaves it. */
export function CommandPanel({ draft, onClose, onDone }: Props) {
  const [typed, setTyped] = useState<Typed>(() => typedOf(draft));
  const [askedAtMs] = useState(serverNow);
  const [departsMs, setDepartsMs] = useState<number | null>(null);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<RefusedError | null>(null);
  const [done, setDone] = useState<CommandAnswer | null>(null);
  const form = useRef<HTMLFormElement>(null);
  const asked = askedOf(draft, typed, departsMs, askedAtMs);
  const { shown, error, pending, retry } = usePreview(done ? null : asked);
  const planned = shown?.load?.departs_at;
  if (planned && departsMs !== Date.parse(planned)) setDepartsMs(Date.parse(planned));

  useEffect(() => {
    const first = form.current?.querySelector<HTMLElement>("input");
    (first ?? form.current)?.focus();
    if (first instanceof HTMLInputElement) first.select();
  }, []);

  const may = asked !== null && shown !== null && shown.legal && !pending && !busy;
  async function confirm(): Promise<void> {
    if (!may) return;
    setBusy(true);
    setFailure(null);
    try {
      const answer = await post<CommandAnswer>("/v1/commands", asked, newKey());
      setDone(answer);
      onDone?.(answer);
    } catch (thrown) {
      setFailure(asRefused(thrown));
      retry();
    }
    setBusy(false);
  }
  function submit(event: SyntheticEvent): void {
    event.preventDefault();
    void confirm();
  }
  function press(event: KeyboardEvent): void {
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      onClose();
    } else if (event.key === "Enter" && event.target === form.current) {
      event.preventDefault();
      void confirm();
    }
  }
  function type(field: Field, text: string): void {
    setTyped({ ...typed, [field]: text });
    setFailure(null);
  }

  if (done) return <Done draft={draft} typed={typed} answer={done} onClose={onClose} />;
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- Enter and Escape are its keys
    <form ref={form} className="command" aria-label={titleOf(draft)} tabIndex={-1} onSubmit={submit} onKeyDown={press}>
      <h3>{titleOf(draft)}</h3>
      {shown?.load && <LoadLine load={shown.load} />}
      <Fields
        fields={fieldsOf(draft)}
        typed={typed}
        onType={type}
        untilMs={departsMs === null ? null : departsMs + Number(typed.minutes) * 60_000}
        zone={shown?.load?.timezone}
      />
      <div className="command-effect" aria-live="polite" aria-busy={pending}>
        {error ? (
          <Failure error={error} retry={retry} />
        ) : shown ? (
          <Effect answer={shown} pending={pending} />
        ) : asked ? (
          <Skeleton rows={3} label="what it would do" />
        ) : (
          <p className="faint">Fill in what is missing to see what it would do.</p>
        )}
      </div>
      {failure && (
        <p className="command-failure" role="alert">
          <span aria-hidden="true">◆</span> {failure.detail}
        </p>
      )}
      <div className="acts">
        <button type="submit" className="main" disabled={!may}>
          {busy ? "Doing it…" : verbOf(draft)} <kbd>⏎</kbd>
        </button>
        <button type="button" onClick={onClose}>
          Leave it <kbd>Esc</kbd>
        </button>
      </div>
    </form>
  );
}

function LoadLine({ load }: { load: NonNullable<CommandAnswer["load"]> }) {
  const left = load.state !== "planned" && load.state !== "held";
  return (
    <p className="faint">
      {load.from ?? "?"} → {load.to ?? "?"}, {load.state}, {left ? "planned to leave" : "leaves"}{" "}
      <Time at={left ? load.departs_at : load.expected_departs_at} zone={load.timezone} withZone withRelative />
    </p>
  );
}

interface DoneProps {
  draft: Draft;
  typed: Typed;
  answer: CommandAnswer;
  onClose: () => void;
}

/** What was done and what that changed; it stays until it is closed. */
function Done({ draft, typed, answer, onClose }: DoneProps) {
  const close = useRef<HTMLButtonElement>(null);
  useEffect(() => close.current?.focus(), []);
  return (
    <div className="command" role="status">
      <p className="mark done">
        <span aria-hidden="true">✓</span> {doneOf(draft, typed)}
      </p>
      <Effect answer={answer} pending={false} />
      <div className="acts">
        <button
          ref={close}
          type="button"
          onClick={onClose}
          onKeyDown={(event) => {
            if (event.key !== "Escape") return;
            event.preventDefault();
            onClose();
          }}
        >
          Close <kbd>Esc</kbd>
        </button>
      </div>
    </div>
  );
}
