import { expect, test } from "vitest";
import { FieldLines, RawFields } from "./answer_fields.ts";

const PAIRS = ["Set-Cookie", "a=1", "x-ten-long", " \u00e9 y\t", "set-cookie", "b: 2", "empty", ""];

test.each([
  ["names and values", new RawFields(PAIRS.map((text) => Buffer.from(text.trim(), "latin1")))],
  ["lines", new FieldLines("Set-Cookie: a=1\r\nx-ten-long: \u00e9 y\t\r\nset-cookie:b: 2\r\nempty:")],
])("the values of a header are found whatever the case of its name (%s)", (_form, fields) => {
  expect(fields.values("set-cookie")).toEqual(["a=1", "b: 2"]);
  expect(fields.values("X-Ten-Long")).toEqual(["\u00e9 y"]);
  expect(fields.values("Empty")).toEqual([""]);
  expect(fields.values("ten-long")).toEqual([]);
});
