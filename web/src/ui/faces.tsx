import type { ReactNode } from "react";
import type { RefusedError } from "../api/problems";

/** Grey bars in the place of rows that are on their way. */
export function Skeleton({ rows, label }: { rows: number; label: string }) {
  return (
    <div className="skeleton" role="status" aria-label={`Loading ${label}`}>
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} className="bone" />
      ))}
    </div>
  );
}

/** What would be here, and how to get it. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="face">
      <p className="face-title">{title}</p>
      {children && <div className="faint">{children}</div>}
    </div>
  );
}

/** What failed, why, what to name to who runs the server, and another try. */
export function Failure({ error, retry }: { error: RefusedError; retry: () => void }) {
  return (
    <div className="face" role="alert">
      <p className="face-title">{error.title}</p>
      <p>{error.detail}</p>
      {error.fields.map((field) => (
        <p key={field.location}>
          {field.location}: {field.message}
        </p>
      ))}
      <button type="button" onClick={retry}>
        Try again
      </button>
      {error.reference && (
        <p className="faint">
          Reference <code>{error.reference}</code>
        </p>
      )}
    </div>
  );
}

interface NoteProps {
  error: RefusedError;
  retry: () => void;
  /** Whether there is anything from before. */
  known?: boolean;
}

/** Over data that could not be brought up to date. */
export function StaleNote({ error, retry, known = true }: NoteProps) {
  return (
    <div className="stale-note" role="status">
      <span>
        {error.title}: {known ? "shown is what was known before." : "nothing is known yet."}{" "}
        {!error.unreachable && error.detail}
        {error.reference && ` (reference ${error.reference})`}
      </span>
      <button type="button" className="quiet" onClick={retry}>
        Try again
      </button>
    </div>
  );
}
