/** `load_report_<stamp>.json`. */
import { defineReporter } from "../core/plugin.ts";
import { type Document, documentOf } from "./document.ts";

type Members = readonly (readonly [before: string, value: unknown])[];

function members(value: object): Members {
  if (Array.isArray(value)) return value.map((each) => ["", each]);
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  return entries.map(([key, each]) => [`${JSON.stringify(key)}:`, each]);
}

/** The JSON of a value, member by member down to `depth` levels: each of them is made, and let go, by itself. */
function* jsonParts(value: unknown, depth: number): Generator<string> {
  if (depth === 0 || typeof value !== "object" || value === null) {
    yield JSON.stringify(value);
    return;
  }
  const [open, close] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
  let before = open!;
  for (const [name, member] of members(value)) {
    yield before + name;
    yield* jsonParts(member, depth - 1);
    before = ",";
  }
  yield before === open ? open + close! : close!;
}

/** A line for each key of the document: short for a long run, and still read by `grep` and by `diff`. */
function* jsonLines({ histograms, ...facts }: Document): Generator<string> {
  let before = "{\n";
  for (const [key, value] of Object.entries({ ...facts, histograms })) {
    yield `${before}${JSON.stringify(key)}: `;
    yield* jsonParts(value, value === histograms ? 2 : 0);
    before = ",\n";
  }
  yield "\n}\n";
}

export const json = defineReporter({
  format: "json",
  render: (report) => [{ path: `load_report_${report.stamp}.json`, content: jsonLines(documentOf(report)) }],
});
