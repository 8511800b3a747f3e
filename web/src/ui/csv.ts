export type Cell = string | number | boolean | null | undefined;

export interface CsvColumn<Row> {
  label: string;
  cell: (row: Row) => Cell;
}

/** Rows as CSV (RFC 4180): what is unknown is empty, and no cell is taken for a formula. */
export function csvOf<Row>(columns: readonly CsvColumn<Row>[], rows: readonly Row[]): string {
  const lines = [
    columns.map(({ label }) => quoted(label)),
    ...rows.map((row) => columns.map(({ cell }) => quoted(cell(row)))),
  ];
  return lines.map((line) => `${line.join(",")}\r\n`).join("");
}

function quoted(cell: Cell): string {
  if (cell === null || cell === undefined) return "";
  if (typeof cell !== "string") return String(cell);
  // A spreadsheet would run these; what strangers wrote stays text.
  const plain = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}
