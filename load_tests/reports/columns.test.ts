import fc from "fast-check";
import { expect, test } from "vitest";
import { cut, pad, widthOf, wrap } from "./columns.ts";
import { table } from "./table.ts";

const text = fc.oneof(fc.string(), fc.string({ unit: "grapheme" }));
const width = fc.integer({ min: 1, max: 120 });

test.each([
  ["plain", 5],
  ["日本語", 6],
  ["🎉", 2],
  ["e\u0301", 1],
  ["❤\ufe0f", 2],
  ["", 0],
])("%j takes %i columns", (shown, columns) => {
  expect(widthOf(shown)).toBe(columns);
});

test("a cut text is never wider than asked, and is whole where it fits", () => {
  fc.assert(
    fc.property(text, width, (whole, columns) => {
      const shown = cut(whole, columns);
      expect(widthOf(shown)).toBeLessThanOrEqual(columns);
      if (widthOf(whole) <= columns) expect(shown).toBe(whole);
      else expect(shown.endsWith("…")).toBe(true);
    }),
  );
});

test("a padded text is exactly as wide as asked", () => {
  fc.assert(
    fc.property(text, width, fc.constantFrom("left", "right"), (whole, columns, align) => {
      expect(widthOf(pad(whole, columns, align))).toBe(columns);
    }),
  );
});

test("wrapped lines fit, and lose no word that fits", () => {
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[a-z]{1,9}$/)), fc.integer({ min: 9, max: 60 }), (words, columns) => {
      const lines = wrap(words.join(" "), columns);
      for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(columns);
      expect(lines.join(" ").split(" ").filter(Boolean)).toEqual(words);
    }),
  );
});

test("no line of a table is wider than asked, and a wide elastic column gives way to the others", () => {
  const columns = [
    { title: "Name", elastic: true },
    { title: "Count", align: "right" as const },
  ];
  fc.assert(
    fc.property(fc.array(fc.tuple(text, fc.nat().map(String))), fc.integer({ min: 20, max: 100 }), (rows, room) => {
      const lines = table(columns, rows, room);
      for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(room);
      for (const [i, [, number]] of rows.entries()) expect(lines[i + 1]!.endsWith(number)).toBe(true);
    }),
  );
});
