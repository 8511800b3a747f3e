import { type ReactNode, useLayoutEffect, useRef, useState } from "react";
import { setQuery, useAddress } from "../frame/address";
import type { Cell } from "../shown/csv";
import { rowsInView } from "./rows";
import { CsvButton } from "./Saving";
import { sorted, type Sorting, sortingOf, sortingText } from "./sorting";

export interface Column<Row> {
  id: string;
  label: string;
  /** What it is sorted by and what a CSV has. */
  cell: (row: Row) => Cell;
  show?: (row: Row) => ReactNode;
  numeric?: boolean;
  /** What the figure is made of. */
  title?: string;
  /** In the CSV alone. */
  hidden?: boolean;
}

interface Props<Row> {
  label: string;
  /** Of the CSV and of the part of the link that says the order. */
  name: string;
  rows: readonly Row[];
  columns: readonly Column<Row>[];
  usual: Sorting;
  idOf: (row: Row) => string;
  selected?: string | null;
  children?: ReactNode;
}

const ROW_PX = 30;

/** A table that sorts by its headings, keeps its order in the link, and saves as CSV. */
export function DataTable<Row>(props: Props<Row>) {
  const { label, name, rows, columns, usual, idOf, selected = null, children } = props;
  const { query } = useAddress();
  const key = `sort-${name}`;
  const shown = columns.filter((column) => !column.hidden);
  const sorting = sortingOf(query.get(key), shown.map(({ id }) => id), usual);
  const by = shown.find(({ id }) => id === sorting.column);
  const ordered = by ? sorted(rows, by.cell, sorting.down) : rows;
  const box = useRef<HTMLDivElement>(null);
  const [scrolledPx, setScrolledPx] = useState(0);
  const [heightPx, setHeightPx] = useState(600);
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const watched = new ResizeObserver(() => setHeightPx(element.clientHeight));
    watched.observe(element);
    return () => watched.disconnect();
  }, []);
  const { first, end } = rowsInView(scrolledPx, heightPx, ROW_PX, ordered.length);

  function sort({ id, numeric = false }: Column<Row>): void {
    const down = sorting.column === id ? !sorting.down : numeric;
    setQuery({ [key]: sortingText({ column: id, down }) }, { replace: true });
  }
  return (
    <>
      <div className="table-tools">
        {children}
        <span className="grow" />
        <CsvButton name={name} columns={columns} rows={ordered} />
      </div>
      <div
        ref={box}
        className="table-box"
        role="group"
        aria-label={label}
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls
        tabIndex={0}
        onScroll={(event) => setScrolledPx(event.currentTarget.scrollTop)}
      >
        <table aria-rowcount={ordered.length + 1}>
          <caption className="hidden">{label}</caption>
          <thead>
            <tr>
              {shown.map((column) => (
                <th
                  key={column.id}
                  scope="col"
                  className={column.numeric ? "numeric" : undefined}
                  aria-sort={
                    sorting.column === column.id ? (sorting.down ? "descending" : "ascending") : undefined
                  }
                >
                  <button type="button" className="quiet" title={column.title} onClick={() => sort(column)}>
                    {column.label}
                    <span aria-hidden="true" className="sort-mark">
                      {sorting.column === column.id ? (sorting.down ? "▾" : "▴") : ""}
                    </span>
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {first > 0 && <tr aria-hidden="true" style={{ height: first * ROW_PX }} />}
            {ordered.slice(first, end).map((row, offset) => {
              const id = idOf(row);
              return (
                <tr
                  key={id}
                  aria-rowindex={first + offset + 2}
                  className={id === selected ? "chosen" : undefined}
                  style={{ height: ROW_PX }}
                >
                  {shown.map((column) => (
                    <td key={column.id} className={column.numeric ? "numeric" : undefined}>
                      {column.show ? column.show(row) : (column.cell(row) ?? "–")}
                    </td>
                  ))}
                </tr>
              );
            })}
            {end < ordered.length && (
              <tr aria-hidden="true" style={{ height: (ordered.length - end) * ROW_PX }} />
            )}
          </tbody>
        </table>
      </div>
    </>
  );
}
