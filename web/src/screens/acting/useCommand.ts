import { useRef, useState } from "react";
import { newKey, post } from "../../api/client";
import { asRefused, type RefusedError } from "../../api/problems";
import type { CommandAnswer, CommandAsked } from "../../api/schema";
import { type Previewed, usePreview } from "./usePreview";

export interface Commanding extends Previewed {
  /** Why it was not done. */
  failure: RefusedError | null;
  busy: boolean;
  /** What was answered when it was done. */
  done: CommandAnswer | null;
  /** Whether what is shown may be done now. */
  may: boolean;
  confirm: () => void;
}

/** A command that is meant, what it would do, and doing it. */
export function useCommand(asked: CommandAsked | null, onDone?: (answer: CommandAnswer) => void): Commanding {
  const meant = JSON.stringify(asked);
  const [failed, setFailed] = useState<{ of: string; why: RefusedError } | null>(null);
  const [busy, setBusy] = useState(false);
  const [done, setDone] = useState<CommandAnswer | null>(null);
  const key = useRef({ of: "", key: "" });
  const preview = usePreview(done ? null : asked);
  const { shown, pending, retry } = preview;
  const may = asked !== null && shown !== null && shown.legal && !pending && !busy;

  async function act(): Promise<void> {
    if (!may) return;
    setBusy(true);
    setFailed(null);
    // The same key for each try of one decision: what was done without an answer is done once.
    if (key.current.of !== meant) key.current = { of: meant, key: newKey() };
    try {
      const answer = await post<CommandAnswer>("/v1/commands", asked, key.current.key);
      setDone(answer);
      onDone?.(answer);
    } catch (thrown) {
      const why = asRefused(thrown);
      if (why.status >= 400 && why.status < 500) key.current = { of: "", key: "" };
      setFailed({ of: meant, why });
      retry();
    }
    setBusy(false);
  }
  return {
    ...preview,
    failure: failed?.of === meant ? failed.why : null,
    busy,
    done,
    may,
    confirm: () => void act(),
  };
}
