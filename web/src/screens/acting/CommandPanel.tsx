import { useEffect, useRef, useState } from "react";
import type { CommandAnswer } from "../../api/schema";
import { serverNow } from "../../live/clock";
import { Time } from "../../ui/Time";
import { CommandForm } from "./CommandForm";
import { askedOf, type Draft, doneOf, type Field, fieldsOf, titleOf, type Typed, typedOf, verbOf } from "./drafts";
import { Effect } from "./Effect";
import { Fields } from "./Fields";
import { useCommand } from "./useCommand";

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
  const asked = askedOf(draft, typed, departsMs, askedAtMs);
  const commanding = useCommand(asked, onDone);
  const { shown, done } = commanding;
  const planned = shown?.load?.departs_at;
  if (planned && departsMs !== Date.parse(planned)) setDepartsMs(Date.parse(planned));

  function type(field: Field, text: string): void {
    setTyped({ ...typed, [field]: text });
  }

  if (done) return <Done draft={draft} typed={typed} answer={done} onClose={onClose} />;
  return (
    <CommandForm
      label={titleOf(draft)}
      verb={verbOf(draft)}
      commanding={commanding}
      missing={asked === null}
      onClose={onClose}
    >
      <h3>{titleOf(draft)}</h3>
      {shown?.load && <LoadLine load={shown.load} />}
      <Fields
        fields={fieldsOf(draft)}
        typed={typed}
        onType={type}
        untilMs={departsMs === null ? null : departsMs + Number(typed.minutes) * 60_000}
        zone={shown?.load?.timezone}
      />
    </CommandForm>
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
