import { useEffect } from "react";
import { get } from "../api/client";
import { type Loaded, type Options, useLoaded } from "../live/loaded";
import { askedAt, setWorking, usePast } from "./past";

interface ShownOptions<Answer> extends Omit<Options, "kin" | "still"> {
  onAnswer?: (answer: Answer) => void;
}

/**
 * What the server answers of the instant that is shown. What is now is asked again as time and
 * events call for it; a past instant stays as it was, and the one before is shown until it is there.
 */
export function useShown<Answer>(
  path: string,
  { onAnswer, ...options }: ShownOptions<Answer> = {},
): Loaded<Answer> {
  const atMs = usePast();
  const still = atMs !== null;
  const asked = askedAt(path, atMs);
  const ask = async (signal: AbortSignal): Promise<Answer> => {
    const answer = await get<Answer>(asked, signal);
    onAnswer?.(answer);
    return answer;
  };
  const found = useLoaded<Answer>(asked, ask, {
    ...options,
    still,
    // Going there and back: what is now never stands for the past, nor the other way round.
    kin: still ? `past ${path}` : path,
  });
  const waits = still && found.pending;
  useEffect(() => {
    setWorking(path, waits);
    return () => setWorking(path, false);
  }, [path, waits]);
  return found;
}
