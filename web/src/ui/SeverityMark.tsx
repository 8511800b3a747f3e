import { severityOf } from "../shown/words";

/** Shape, colour and text: readable without colours. */
export function SeverityMark({ severity, named = false }: { severity: string; named?: boolean }) {
  const { tone, mark, name } = severityOf(severity);
  return (
    <span className={`mark ${tone}`} title={`${name} (${severity})`}>
      <span aria-hidden="true">{mark}</span>
      <span className={named ? "mark-name" : "hidden"}>{name}</span>
    </span>
  );
}
