import { useState } from "react";
import { inPath, newKey, post } from "../../api/client";
import { asRefused, type ClosedGates, type RefusedError } from "../../api/problems";
import type { PlanAnswer, PlanReleased } from "../../api/schema";
import { cents, count } from "../../shown/numbers";
import { words } from "../../shown/words";
import { Dialog } from "../../ui/Dialog";
import { CsvButton } from "../../ui/Saving";
import { kpisOf } from "./figures";

interface Props {
  plan: PlanAnswer;
  onReleased: (unchecked: readonly string[]) => void;
}

/** Release a draft: it is said in numbers what that does, and why it cannot be done. */
export function Release({ plan, onReleased }: Props) {
  const [open, setOpen] = useState(false);
  const [busy, setBusy] = useState(false);
  const [key, setKey] = useState(newKey);
  const [error, setError] = useState<RefusedError | null>(null);
  const { summary, plan_id: id } = plan;
  const parcels = summary?.counts.parcels ?? 0;
  const cost = kpisOf(summary).cost_per_package;

  async function release(reason?: string): Promise<void> {
    const faults = reason === undefined ? [] : (error?.gates?.faults ?? []);
    const overrides = faults.map(({ gate, subject }) => ({ gate, subject, reason }));
    setBusy(true);
    setError(null);
    try {
      const told = await post<PlanReleased>(`/v1/plans/${inPath(id)}/release`, { overrides }, key);
      setOpen(false);
      onReleased(told.not_checked);
    } catch (failure) {
      const told = asRefused(failure);
      if (!told.unreachable) setKey(newKey());
      setError(told);
    } finally {
      setBusy(false);
    }
  }
  return (
    <>
      <button type="button" className="main" onClick={() => setOpen(true)}>
        Release…
      </button>
      <Dialog label="Release the plan" open={open} onClose={() => setOpen(false)}>
        <h2>Release {id}?</h2>
        <p className="release-said">
          {count(parcels)} parcels on {count(summary?.counts.loads)} loads
          {cost !== null && cost !== undefined && `, ${cents(cost * parcels)} in all`}. From then on the tower
          follows it and its orders are in no other plan. A release cannot be taken back.
        </p>
        {error?.gates ? <Closed error={error} id={id} /> : error && <Refusal error={error} />}
        {error?.gates && mayAnswerFor(error.gates) && (
          <Answer busy={busy} onAnswer={(reason) => void release(reason)} />
        )}
        <div className="acts">
          <button type="button" className="main" disabled={busy} onClick={() => void release()}>
            {busy ? "Checking every gate…" : error ? "Try again" : "Release"}
          </button>
          <button type="button" onClick={() => setOpen(false)}>
            Not now
          </button>
        </div>
      </Dialog>
    </>
  );
}

/** Gates of rules for which a person can answer. */
const OVERRIDABLE = new Set(["hours", "documents", "meal"]);

function mayAnswerFor({ gates, faults_left_out: left }: ClosedGates): boolean {
  return left === 0 && gates.every((gate) => OVERRIDABLE.has(gate));
}

/** Release in spite of what is listed: who does answers for it by name. */
function Answer({ busy, onAnswer }: { busy: boolean; onAnswer: (reason: string) => void }) {
  const [reason, setReason] = useState("");
  return (
    <form
      className="answer"
      onSubmit={(event) => {
        event.preventDefault();
        onAnswer(reason.trim());
      }}
    >
      <label>
        Why is it right all the same?
        <input
          value={reason}
          minLength={4}
          maxLength={500}
          required
          onChange={(event) => setReason(event.target.value)}
        />
      </label>
      <button type="submit" disabled={busy || reason.trim().length < 4}>
        Override and release
      </button>
      <p className="faint">Your name and the reason are kept with the release and in the audit log.</p>
    </form>
  );
}

function Refusal({ error }: { error: RefusedError }) {
  return (
    <p role="alert" className="mark high refusal">
      <span aria-hidden="true">◆</span> {error.title}: {error.detail}
      {error.reference && <span className="faint"> (reference {error.reference})</span>}
    </p>
  );
}

/** What is not legal or not whole, gate by gate, each with its remedy. */
function Closed({ error, id }: { error: RefusedError; id: string }) {
  const { gates, faults, faults_left_out: left } = error.gates ?? { gates: [], faults: [], faults_left_out: 0 };
  return (
    <div role="alert" className="gates">
      <p className="mark critical">
        <span aria-hidden="true">●</span> Not released: {count(faults.length + left)} faults at{" "}
        {gates.length === 1 ? "1 gate" : `${gates.length} gates`}
        <CsvButton name={`faults-${id}`} columns={FAULTS} rows={faults} />
      </p>
      {gates.map((gate) => {
        const mine = faults.filter((fault) => fault.gate === gate);
        return (
          <details key={gate} open={gates.length === 1}>
            <summary>
              {words(gate)} <span className="faint">{count(mine.length)} faults shown</span>
            </summary>
            <ul>
              {mine.map(({ subject, what, remedy }, place) => (
                <li key={`${subject} ${place}`}>
                  <strong>{subject}</strong> {what}
                  {remedy && <span className="faint">. {remedy}</span>}
                </li>
              ))}
            </ul>
          </details>
        );
      })}
      {left > 0 && <p className="faint">{count(left)} more are not shown.</p>}
    </div>
  );
}

const FAULTS = (["gate", "subject", "what", "remedy"] as const).map((name) => ({
  label: name,
  cell: (fault: Record<typeof name, string>) => fault[name],
}));
