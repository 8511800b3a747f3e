import { expect, it } from "vitest";
import { sorted, sortingOf, sortingText } from "./sorting";

const self = (each: string | number | null): string | number | null => each;

it("sorts both ways and keeps what is unknown at the end", () => {
  expect(sorted([3, null, 1, 2], self, false)).toEqual([1, 2, 3, null]);
  expect(sorted([3, null, 1, 2], self, true)).toEqual([3, 2, 1, null]);
});

it("knows that 10 is more than 9 in names too", () => {
  expect(sorted(["R-10", "R-9"], self, false)).toEqual(["R-9", "R-10"]);
});

it("is kept in a link and read again", () => {
  const usual = { column: "cost", down: true };
  expect(sortingOf(sortingText({ column: "fill", down: true }), ["cost", "fill"], usual)).toEqual({
    column: "fill",
    down: true,
  });
  expect(sortingOf("nothing", ["cost", "fill"], usual)).toEqual(usual);
  expect(sortingOf(null, ["cost"], usual)).toEqual(usual);
});
