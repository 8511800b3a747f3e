import type { CommandAnswer } from "../../api/schema";
import { change, count, money } from "../../shown/numbers";
import { costOf, netOf } from "./effects";

/** Late parcels before and after, money, and whether it may be done, with the reasons. */
export function Effect({ answer, pending }: { answer: CommandAnswer; pending: boolean }) {
  const { late_parcels_before: before, late_parcels: after, riders, riders_before: ridersBefore } = answer;
  const tone = after < before ? "done" : after > before ? "critical" : "none";
  return (
    <div className={pending ? "effect pending" : "effect"}>
      <dl className="effect-figures">
        <div>
          <dt>Late parcels</dt>
          <dd className={`mark ${tone}`}>
            {count(before)} <span aria-hidden="true">→</span>
            <span className="hidden">then</span> {count(after)}
          </dd>
          <dd className="faint">{saidOf(answer)}</dd>
        </div>
        <div>
          <dt>{answer.cost_usd < 0 ? "It saves" : "It costs"}</dt>
          <dd>{money(Math.abs(answer.cost_usd))}</dd>
          <dd className="faint">of its own</dd>
        </div>
        <div>
          <dt>Lateness</dt>
          <dd>{change(answer.late_cost_usd)}</dd>
          <dd className="faint">at the planner’s price</dd>
        </div>
        {riders !== null && ridersBefore !== null && (
          <div>
            <dt>Riders</dt>
            <dd>
              {count(ridersBefore)} <span aria-hidden="true">→</span>
              <span className="hidden">then</span> {count(riders)}
            </dd>
            <dd className="faint">of {count(answer.parcels)} it touches</dd>
          </div>
        )}
      </dl>
      {answer.event_id === null && (
        <p className={answer.legal ? "mark done" : "mark critical"}>
          <span aria-hidden="true">{answer.legal ? "✓" : "●"}</span> {answer.legal ? "It can be done" : "It cannot be done"}
        </p>
      )}
      <Reasons reasons={answer.reasons} />
    </div>
  );
}

/** The same in a line. */
export function BriefEffect({ answer, pending }: { answer: CommandAnswer; pending: boolean }) {
  return (
    <div className={pending ? "effect pending" : "effect"}>
      <p className="command-said">
        <strong>{netOf(answer)}</strong>
        <span>
          Late {count(answer.late_parcels_before)} → {count(answer.late_parcels)}
        </span>
        <span>{costOf(answer.cost_usd)}</span>
        <span className={answer.legal ? "mark done" : "mark critical"}>
          <span aria-hidden="true">{answer.legal ? "✓" : "●"}</span> {answer.legal ? "Legal" : "Not legal"}
        </span>
      </p>
      <Reasons reasons={answer.reasons} />
    </div>
  );
}

function Reasons({ reasons }: { reasons: readonly string[] }) {
  if (reasons.length === 0) return null;
  return (
    <ul className="effect-reasons">
      {reasons.map((reason) => (
        <li key={reason}>{reason}</li>
      ))}
    </ul>
  );
}

function saidOf({ saved_parcels: saved, lost_parcels: lost, parcels }: CommandAnswer): string {
  const said = [saved ? `saves ${count(saved)}` : "", lost ? `loses ${count(lost)}` : ""].filter(Boolean);
  return said.length ? said.join(", ") : `of ${count(parcels)} it touches`;
}
