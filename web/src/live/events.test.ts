import { describe, expect, it } from "vitest";
import { EventReader } from "./events";

const TEXT = 'retry: 2000\n\nid: 7\nevent: parcel\ndata: {"parcel_id":"P1"}\n\n: alive\n\nid: 8\nevent: case\ndata: {"a":\ndata: 1}\n\n';

describe("the reader of the stream", () => {
  it("gives the events between signs of life", () => {
    expect(new EventReader().read(TEXT)).toEqual([
      { id: 7, kind: "parcel", data: { parcel_id: "P1" } },
      { id: 8, kind: "case", data: { a: 1 } },
    ]);
  });

  it("reads the same whatever the pieces in which the text comes", () => {
    const whole = new EventReader().read(TEXT);
    for (let size = 1; size < TEXT.length; size += 1) {
      const reader = new EventReader();
      const pieces = Array.from({ length: Math.ceil(TEXT.length / size) }, (_, place) =>
        TEXT.slice(place * size, (place + 1) * size),
      );
      expect(pieces.flatMap((piece) => reader.read(piece))).toEqual(whole);
    }
  });

  it("leaves out what is not JSON", () => {
    expect(new EventReader().read("data: {\n\ndata: 1\n\n")).toEqual([
      { id: null, kind: "message", data: 1 },
    ]);
  });
});
