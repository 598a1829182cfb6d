import fc from "fast-check";
import { compile, type JSONValue } from "json-p3";
import { expect, it } from "vitest";
import { compileJsonPath } from "./json_path.ts";

const name = fc.constantFrom("a", "b", "length", "__proto__", "x y", "0");
const step = fc.oneof(
  name.map((each) => `['${each}']`),
  fc.integer({ min: -3, max: 3 }).map((index) => `[${index}]`),
);
const json = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(null, 1, "text", false),
    fc.array(tie("any"), { maxLength: 3 }),
    fc.dictionary(name, tie("any"), { maxKeys: 3 }),
  ),
})).any;

it("finds what the library finds, by the short way too", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 4 }), json, (steps, value) => {
      const path = `$${steps.join("")}`;
      expect(compileJsonPath(path)(value)).toEqual(
        compile(path)
          .query(value as JSONValue)
          .values(),
      );
    }),
  );
});

it.each([
  ["$.items[*].id", [1, 2]],
  ["$..id", [1, 2]],
  ["$.items[-1].id", [2]],
  ["$.items[5]", []],
])("%s", (path, found) => {
  expect(compileJsonPath(path)({ items: [{ id: 1 }, { id: 2 }] })).toEqual(found);
});
