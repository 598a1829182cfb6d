/** Criteria know every metric that a client declares: the list is in core, the declarations are read from the sources. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { METRICS } from "./core/metrics.ts";

const root = fileURLToPath(new URL("clients", import.meta.url));
const sources = readdirSync(root, { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".ts") && !path.endsWith(".test.ts"))
  .map((path) => readFileSync(join(root, path), "utf8"));

const found = (pattern: RegExp): RegExpMatchArray[] => sources.flatMap((text) => [...text.matchAll(pattern)]);
const names = METRICS.map(({ name }) => name);

test("a metric with a unit is in the list with that unit", () => {
  const declared = found(/\{ name: "(\w+)", unit: "([^"]*)" \}/g).map(([, name, unit]) => ({ name, unit }));
  expect(declared.length).toBeGreaterThan(5);
  for (const metric of declared) expect(METRICS).toContainEqual(metric);
});

test("a name of a first item or of a gap is in the list", () => {
  const declared = found(/\b(?:firstItem|gap): "(\w+)"/g).map(([, name]) => name);
  expect(declared.length).toBeGreaterThan(5);
  for (const name of declared) expect(names).toContain(name);
});

test("each has one name", () => {
  expect(new Set(names).size).toBe(names.length);
});
