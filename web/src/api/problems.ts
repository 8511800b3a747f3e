import type { ExceptionDetail, Problem } from "./schema";

export interface GateFault {
  gate: string;
  subject: string;
  what: string;
  remedy: string;
}

export interface ClosedGates {
  gates: readonly string[];
  faults: readonly GateFault[];
  faults_left_out: number;
}

/** The server refused, or could not be reached (status 0). */
export class RefusedError extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    /** What to name to who runs the server. */
    readonly reference: string | null,
    readonly fields: readonly { location: string; message: string }[] = [],
    /** The exception as it is now, where it changed meanwhile. */
    readonly current: ExceptionDetail | null = null,
    /** Why a plan is not released. */
    readonly gates: ClosedGates | null = null,
  ) {
    super(detail);
  }

  get unreachable(): boolean {
    return this.status === 0;
  }
}

export function unreachable(): RefusedError {
  return new RefusedError(
    0,
    "The server cannot be reached",
    "Either this machine is offline or the server is stopped. What you see is what was last known.",
    null,
  );
}

export async function refused(answer: Response): Promise<RefusedError> {
  const reference = answer.headers.get("x-request-id");
  try {
    const told = (await answer.json()) as Partial<Problem> & Partial<ClosedGates> & { current?: ExceptionDetail };
    return new RefusedError(
      answer.status,
      told.title ?? answer.statusText,
      told.detail ?? "The server did not say why.",
      reference,
      told.errors ?? [],
      told.current ?? null,
      told.gates ? { gates: told.gates, faults: told.faults ?? [], faults_left_out: told.faults_left_out ?? 0 } : null,
    );
  } catch {
    return new RefusedError(answer.status, answer.statusText, "The server did not say why.", reference);
  }
}

export function asRefused(error: unknown): RefusedError {
  if (error instanceof RefusedError) return error;
  const said = error instanceof Error ? error.message : String(error);
  return new RefusedError(-1, "The page failed", said, null);
}
