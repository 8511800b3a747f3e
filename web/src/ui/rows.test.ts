import { expect, it } from "vitest";
import { rowsInView } from "./rows";

it("draws what is in view and a little more, of ten thousand rows", () => {
  const { first, end } = rowsInView(48 * 5_000, 480, 48, 10_000);
  expect(first).toBe(4_994);
  expect(end).toBe(5_016);
});

it("stays within the list when it grows shorter", () => {
  expect(rowsInView(48 * 5_000, 480, 48, 3)).toEqual({ first: 3, end: 3 });
});
