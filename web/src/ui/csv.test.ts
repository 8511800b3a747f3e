import { expect, it } from "vitest";
import { type Cell, csvOf } from "./csv";

const told = (...cells: Cell[]): string => csvOf([{ label: "is", cell: (each: Cell) => each }], cells);

it("has a line of names and a line a row, and numbers as they are", () => {
  const columns = [
    { label: "lane", cell: (row: { lane: string; fill: number | null }) => row.lane },
    { label: "fill", cell: (row: { lane: string; fill: number | null }) => row.fill },
  ];
  const rows = [{ lane: "LAX to DFW", fill: 0.5 }, { lane: "DFW to LAX", fill: null }];
  expect(csvOf(columns, rows)).toBe("lane,fill\r\nLAX to DFW,0.5\r\nDFW to LAX,\r\n");
});

it("quotes commas, quotes and line breaks", () => {
  expect(told('a "b", c', "two\nlines")).toBe('is\r\n"a ""b"", c"\r\n"two\nlines"\r\n');
});

it("lets no spreadsheet run what strangers wrote, and leaves negative numbers alone", () => {
  expect(told("=HYPERLINK(1)", "+1", "@x", -1)).toBe("is\r\n'=HYPERLINK(1)\r\n'+1\r\n'@x\r\n-1\r\n");
});
