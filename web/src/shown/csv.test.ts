import { describe, expect, it } from "vitest";
import { csvOf, fileName } from "./csv";
import { distance, measured, usualUnits, weight } from "./units";

describe("a table as CSV", () => {
  it("quotes what needs it and leaves out what is not known", () => {
    expect(csvOf(["a", "b"], [["x,y", 1], ['say "hi"', null], ["two\nlines", true]])).toBe(
      'a,b\r\n"x,y",1\r\n"say ""hi""",\r\n"two\nlines",true\r\n',
    );
  });

  it("never hands a spreadsheet a formula", () => {
    expect(csvOf(["id"], [["=cmd|'/c calc'!A1"], ["@x"], ["-1+2"], [-1]])).toBe(
      "id\r\n'=cmd|'/c calc'!A1\r\n'@x\r\n'-1+2\r\n-1\r\n",
    );
  });

  it("is named by what it holds and when that was so", () => {
    expect(fileName("exceptions", Date.parse("2026-11-26T21:14:20Z"))).toBe("exceptions-2026-11-26T2114Z.csv");
  });
});

describe("units", () => {
  it("are those of the United States where its English is spoken", () => {
    expect(["en-US", "es-US", "en-GB", "de", ""].map(usualUnits)).toEqual(["us", "us", "si", "si", "si"]);
  });

  it("show meters and kilograms as people there read them", () => {
    expect(distance(16_093.44, "us")).toBe("10 mi");
    expect(distance(1_234_567, "si")).toBe("1,235 km");
    expect(distance(null, "si")).toBe("–");
    expect(weight(10, "us")).toBe("22 lb");
    expect(weight(0.45, "si")).toBe("0.5 kg");
  });

  it("are told by the name of a number, and only of a number", () => {
    expect(measured("distance_m", 1_609.344, "us")).toEqual({ name: "Distance", text: "1 mi" });
    expect(measured("attempt", 2, "us")).toBeNull();
    expect(measured("distance_m", "far", "us")).toBeNull();
  });
});
