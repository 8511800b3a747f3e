import { useEffect, useState } from "react";
import { newKey, post } from "../../api/client";
import { asRefused, type RefusedError } from "../../api/problems";
import type { CommandAnswer, CommandAsked } from "../../api/schema";

const WAITS_MS = 200;

export interface Previewed {
  /** What was answered last, also while the next answer is on its way. */
  shown: CommandAnswer | null;
  error: RefusedError | null;
  /** Whether `shown` is of another command than the one that is meant now. */
  pending: boolean;
  retry: () => void;
}

interface Found {
  of: string;
  shown: CommandAnswer | null;
  error: RefusedError | null;
}

/** What a command would do, asked anew a moment after it changed; nothing is asked of null. */
export function usePreview(asked: CommandAsked | null): Previewed {
  const wanted = asked ? JSON.stringify(asked) : "";
  const [found, setFound] = useState<Found>({ of: "", shown: null, error: null });
  const [tries, setTries] = useState(0);
  useEffect(() => {
    if (!wanted) return undefined;
    let over = false;
    const timer = setTimeout(() => {
      const body = { ...(JSON.parse(wanted) as CommandAsked), preview: true };
      post<CommandAnswer>("/v1/commands", body, newKey()).then(
        (shown) => {
          if (!over) setFound({ of: wanted, shown, error: null });
        },
        (error: unknown) => {
          if (!over) setFound({ of: wanted, shown: null, error: asRefused(error) });
        },
      );
    }, WAITS_MS);
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [wanted, tries]);
  if (!wanted) return { shown: null, error: null, pending: false, retry: () => undefined };
  return {
    shown: found.shown,
    error: found.of === wanted ? found.error : null,
    pending: found.of !== wanted,
    retry: () => setTries(tries + 1),
  };
}
