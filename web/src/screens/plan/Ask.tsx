import { useState } from "react";
import { post } from "../../api/client";
import { asRefused, type RefusedError } from "../../api/problems";
import type { PlanAccepted } from "../../api/schema";

/** Have the waiting orders planned; the same press again, after a lost answer, asks for the same plan. */
export function Ask({ onAsked }: { onAsked: (plan: string) => void }) {
  const [key, setKey] = useState(() => crypto.randomUUID());
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<RefusedError | null>(null);

  async function ask(): Promise<void> {
    setBusy(true);
    setError(null);
    try {
      const { plan_id: plan } = await post<PlanAccepted>("/v1/plans", {}, key);
      setKey(crypto.randomUUID());
      onAsked(plan);
    } catch (failure) {
      const told = asRefused(failure);
      // What was refused for good is asked anew next time; what was never answered is repeated.
      if (!told.unreachable) setKey(crypto.randomUUID());
      setError(told);
    } finally {
      setBusy(false);
    }
  }
  return (
    <>
      <button type="button" className="main" disabled={busy} onClick={() => void ask()}>
        {busy ? "Asking…" : "Plan the open orders"}
      </button>
      {error && (
        <span className="mark high" role="alert">
          <span aria-hidden="true">◆</span> {error.detail}
          {error.reference && <span className="faint"> (reference {error.reference})</span>}
        </span>
      )}
    </>
  );
}
