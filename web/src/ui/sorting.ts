import type { Cell } from "../shown/csv";

export interface Sorting {
  column: string;
  down: boolean;
}

/** Rows by a cell; what is unknown comes last, whichever way. */
export function sorted<Row>(rows: readonly Row[], cell: (row: Row) => Cell, down: boolean): Row[] {
  const sign = down ? -1 : 1;
  return [...rows].sort((one, other) => {
    const [a, b] = [cell(one) ?? null, cell(other) ?? null];
    if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
    if (typeof a === "number" && typeof b === "number") return sign * (a - b);
    return sign * collator.compare(String(a), String(b));
  });
}

const collator = new Intl.Collator("en-US", { numeric: true });

/** "-cost" is by cost, the largest first; what is no column of the list is the usual. */
export function sortingOf(said: string | null, columns: readonly string[], usual: Sorting): Sorting {
  const down = said?.startsWith("-") ?? false;
  const column = down ? said?.slice(1) : said;
  return column && columns.includes(column) ? { column, down } : usual;
}

export function sortingText({ column, down }: Sorting): string {
  return down ? `-${column}` : column;
}
