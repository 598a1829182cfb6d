import fc from "fast-check";
import { expect, test } from "vitest";
import { Pieces } from "./pieces.ts";

const MEGABYTE = 1024 * 1024;
const of = (octet: number, length = MEGABYTE): Buffer => Buffer.alloc(length, octet);

test("messages come out as they went in, though the bytes that they were taken from are overwritten", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 30 }), (messages) => {
      const pieces = new Pieces();
      const shared = Buffer.alloc(400);
      for (const message of messages) {
        shared.fill(0xaa).set(message, 50);
        pieces.add(shared, 50, 50 + message.length);
      }
      expect(pieces.messages().map((each) => [...each])).toEqual(messages.map((each) => [...each]));
      expect(pieces.kept).toBe(pieces.size);
    }),
  );
});

test("of many megabytes the first four and the last message are kept, and all are counted", () => {
  const pieces = new Pieces();
  for (let i = 0; i < 10; i++) pieces.add(of(i));
  expect(pieces.messages().map((each) => each[0])).toEqual([0, 1, 2, 3, 9]);
  expect([pieces.count, pieces.size, pieces.kept]).toEqual([10, 10 * MEGABYTE, 5 * MEGABYTE]);
});

test("one message is kept whatever its size, and so is the last", () => {
  const pieces = new Pieces();
  for (const [octet, length] of [
    [1, 9 * MEGABYTE],
    [2, 1],
    [3, 8 * MEGABYTE],
  ] as const)
    pieces.add(of(octet, length));
  expect(pieces.messages().map((each) => [each[0], each.length])).toEqual([
    [1, 9 * MEGABYTE],
    [3, 8 * MEGABYTE],
  ]);
});
