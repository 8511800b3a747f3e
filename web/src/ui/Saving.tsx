import type { RefObject } from "react";
import { type Cell, csvOf } from "../shown/csv";
import { saveText, svgText } from "./save";

export interface CsvColumn<Row> {
  label: string;
  cell: (row: Row) => Cell;
}

interface CsvProps<Row> {
  /** Of the file, without its ending. */
  name: string;
  columns: readonly CsvColumn<Row>[];
  rows: readonly Row[];
}

export function CsvButton<Row>({ name, columns, rows }: CsvProps<Row>) {
  return (
    <button
      type="button"
      className="quiet save"
      disabled={rows.length === 0}
      title={`Save ${name}.csv`}
      onClick={() => saveText(`${name}.csv`, "text/csv;charset=utf-8", csvText(columns, rows))}
    >
      CSV
    </button>
  );
}

interface SvgProps {
  name: string;
  drawing: RefObject<SVGSVGElement | null>;
}

export function SvgButton({ name, drawing }: SvgProps) {
  return (
    <button
      type="button"
      className="quiet save"
      title={`Save ${name}.svg`}
      onClick={() => {
        if (drawing.current) saveText(`${name}.svg`, "image/svg+xml", svgText(drawing.current));
      }}
    >
      SVG
    </button>
  );
}

function csvText<Row>(columns: readonly CsvColumn<Row>[], rows: readonly Row[]): string {
  return csvOf(
    columns.map(({ label }) => label),
    rows.map((row) => columns.map(({ cell }) => cell(row))),
  );
}
