export type Cell = string | number | boolean | null | undefined;

/** A table as CSV (RFC 4180). A text that a spreadsheet would run as a formula is kept a text. */
export function csvOf(columns: readonly string[], rows: Iterable<readonly Cell[]>): string {
  const lines = [columns.map(cellOf).join(",")];
  for (const row of rows) lines.push(row.map(cellOf).join(","));
  return `${lines.join("\r\n")}\r\n`;
}

function cellOf(value: Cell): string {
  if (value === null || value === undefined) return "";
  if (typeof value !== "string") return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Names a file by what it holds and the instant of it: "exceptions-2026-11-26T2114Z.csv". */
export function fileName(what: string, atMs: number): string {
  return `${what}-${new Date(atMs).toISOString().slice(0, 16).replace(":", "")}Z.csv`;
}
