import { type KeyboardEvent, type ReactNode, type SyntheticEvent, useEffect, useRef } from "react";
import type { CommandAnswer } from "../../api/schema";
import { Failure, Skeleton } from "../../ui/faces";
import { BriefEffect, Effect } from "./Effect";
import type { Commanding } from "./useCommand";
import "./acting.css";

interface Props {
  label: string;
  /** What the button says that does it. */
  verb: ReactNode;
  commanding: Commanding;
  /** Whether something is still to be filled in. */
  missing?: boolean;
  /** In one line below a row of a table. */
  brief?: boolean;
  onClose: () => void;
  /** What is asked for. */
  children?: ReactNode;
}

/** A command that is being given: what is asked for, what it would do; Enter does it, Escape leaves it. */
export function CommandForm({ label, verb, commanding, missing = false, brief = false, onClose, children }: Props) {
  const { busy, may, failure, confirm } = commanding;
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    const first = form.current?.querySelector<HTMLInputElement>("input:checked, input:not([type=radio])");
    (first ?? form.current)?.focus();
    first?.select();
  }, []);

  function submit(event: SyntheticEvent): void {
    event.preventDefault();
    confirm();
  }
  function press(event: KeyboardEvent): void {
    if (event.key === "Escape") onClose();
    else if (event.key === "Enter" && event.target === form.current) confirm();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- Enter and Escape are its keys
    <form
      ref={form}
      className={brief ? "command in-row" : "command"}
      aria-label={label}
      tabIndex={-1}
      onSubmit={submit}
      onKeyDown={press}
    >
      {children}
      <div className="command-effect" aria-live="polite" aria-busy={commanding.pending}>
        {missing ? (
          <p className="faint">Fill in what is missing to see what it would do.</p>
        ) : (
          <Foreseen commanding={commanding} brief={brief} />
        )}
        {failure && (
          <p className="command-failure" role="alert">
            <span aria-hidden="true">◆</span> Not done: {failure.detail}
          </p>
        )}
      </div>
      <div className="acts">
        <button type="submit" className="main" disabled={!may}>
          {busy ? "Doing it…" : verb} <kbd>⏎</kbd>
        </button>
        <button type="button" onClick={onClose}>
          Leave it <kbd>Esc</kbd>
        </button>
      </div>
    </form>
  );
}

function Foreseen({ commanding, brief }: { commanding: Commanding; brief: boolean }) {
  const { shown, error, pending, retry } = commanding;
  const Shown: (props: { answer: CommandAnswer; pending: boolean }) => ReactNode = brief ? BriefEffect : Effect;
  if (error) return <Failure error={error} retry={retry} />;
  if (shown) return <Shown answer={shown} pending={pending} />;
  return <Skeleton rows={brief ? 1 : 3} label="what it would do" />;
}
