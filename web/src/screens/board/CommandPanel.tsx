import { newKey } from "../../api/client";
import { type KeyboardEvent, type SyntheticEvent, useEffect, useRef, useState } from "react";
import { asRefused, type RefusedError } from "../../api/problems";
import type { Departure } from "../../api/schema";
import { serverNow } from "../../live/clock";
import { count, dollars } from "../../shown/numbers";
import { Time } from "../../ui/Time";
import { holdChoices } from "./board";
import { type Command, commandOf, type Deed, done, type Outcome, previewed, saidOf } from "./commands";

interface Props {
  row: Departure;
  deed: Deed;
  zone: string;
  onDone: () => void;
  onClose: () => void;
}

const ASKS: Record<Deed, string> = { hold: "Hold", go: "Release", cancel: "Cancel the load" };

/** In the row: what a command would come to, before it is done. */
export function CommandPanel({ row, deed, zone, onDone, onClose }: Props) {
  const choices = holdChoices(row);
  const [minutes, setMinutes] = useState(row.advice.hold_min || (choices[0] ?? 15));
  const [command, setCommand] = useState(() => commandOf(row, deed, minutes, serverNow()));
  const { outcome, error, retry } = usePreview(command);
  const [failure, setFailure] = useState<RefusedError | null>(null);
  const [busy, setBusy] = useState(false);
  const key = useRef("");
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.querySelector<HTMLElement>("input:checked, button")?.focus(), []);

  function choose(chosen: number): void {
    setMinutes(chosen);
    setFailure(null);
    key.current = "";
    setCommand(commandOf(row, deed, chosen, serverNow()));
  }
  async function confirm(event: SyntheticEvent): Promise<void> {
    event.preventDefault();
    if (busy || !outcome?.legal) return;
    setBusy(true);
    key.current ||= newKey();
    try {
      await done(command, key.current);
      onDone();
    } catch (refused) {
      setFailure(asRefused(refused));
      setBusy(false);
    }
  }
  function press(event: KeyboardEvent): void {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    onClose();
  }
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- Escape leaves it from any field
    <form ref={form} className="command" aria-label={`${ASKS[deed]} ${row.load_id}`} onSubmit={(event) => void confirm(event)} onKeyDown={press}>
      {deed === "hold" && (
        <fieldset>
          <legend>Hold longer by</legend>
          {choices.map((each) => (
            <label key={each} className="chip">
              <input type="radio" name="minutes" checked={each === minutes} onChange={() => choose(each)} />
              +{each} min{each === row.advice.hold_min ? ", advised" : ""}
            </label>
          ))}
        </fieldset>
      )}
      <div className="command-outcome" role="status">
        {error && (
          <p>
            <span className="mark high">
              <span aria-hidden="true">◆</span> It cannot be previewed:
            </span>{" "}
            {error.title}. {error.detail}{" "}
            <button type="button" onClick={retry}>
              Try again
            </button>
          </p>
        )}
        {!error && outcome === null && <p className="faint">Looking at what it comes to…</p>}
        {outcome && <Said outcome={outcome} />}
        {failure && (
          <p className="mark high">
            <span aria-hidden="true">◆</span> Not done: {failure.detail}
          </p>
        )}
      </div>
      <div className="command-acts">
        <button type="submit" className="main" disabled={busy || !outcome?.legal}>
          {ASKS[deed]}
          {command.until !== undefined && (
            <>
              {deed === "hold" ? " until " : ", leaves "}
              <Time at={command.until} zone={zone} withZone />
            </>
          )}{" "}
          <kbd>⏎</kbd>
        </button>
        <button type="button" onClick={onClose}>
          Leave it <kbd>Esc</kbd>
        </button>
      </div>
    </form>
  );
}

function Said({ outcome }: { outcome: Outcome }) {
  return (
    <>
      <p className="command-said">
        <strong>{saidOf(outcome)}</strong>
        <span>
          Late {count(outcome.late_parcels_before)} → {count(outcome.late_parcels)}
        </span>
        <span>{costOf(outcome.cost_usd)}</span>
        <span className={outcome.legal ? "mark done" : "mark critical"}>
          <span aria-hidden="true">{outcome.legal ? "✓" : "●"}</span> {outcome.legal ? "Legal" : "Not legal"}
        </span>
      </p>
      {outcome.reasons.map((reason) => (
        <p key={reason} className={outcome.legal ? "faint" : ""}>
          {reason}
        </p>
      ))}
    </>
  );
}

function costOf(usd: number): string {
  if (Math.abs(usd) < 0.5) return "Costs nothing";
  return usd > 0 ? `Costs ${dollars(usd)}` : `Saves ${dollars(-usd)}`;
}

/** What the server says of a command; what it says of an older one is not waited for. */
function usePreview(command: Command): { outcome: Outcome | null; error: RefusedError | null; retry: () => void } {
  const [found, setFound] = useState<{ of: string; outcome: Outcome | null; error: RefusedError | null }>({
    of: "",
    outcome: null,
    error: null,
  });
  const [tries, setTries] = useState(0);
  const asked = `${tries} ${JSON.stringify(command)}`;
  useEffect(() => {
    let wanted = true;
    previewed(command).then(
      (outcome) => wanted && setFound({ of: asked, outcome, error: null }),
      (error: unknown) => wanted && setFound({ of: asked, outcome: null, error: asRefused(error) }),
    );
    return () => {
      wanted = false;
    };
  }, [asked, command]);
  const retry = (): void => setTries(tries + 1);
  return found.of === asked ? { ...found, retry } : { outcome: null, error: null, retry };
}
