/** Captures: values taken out of an answer, compiled once. */
import { checksNeedBody } from "./check.ts";
import { patternOf } from "./check_sentence.ts";
import { compileJsonPath } from "./json_path.ts";
import type { Endpoint } from "./model.ts";
import type { Answer } from "./plugin.ts";
import type { Capture, StepValues } from "./workload.ts";

/** Whether the body's text must be kept, for the endpoint's checks or captures, or for code. */
export const needsBody = ({ checks, captures = [], keepsBody = false }: Endpoint): boolean =>
  keepsBody || checksNeedBody(checks) || captures.some(({ from }) => !from.startsWith("header:"));

/** Whether the answer's headers must be kept. */
export const needsHeaders = ({ checks, captures = [], keepsBody = false }: Endpoint): boolean =>
  keepsBody ||
  checks.some(({ subject }) => subject === "header") ||
  captures.some(({ from }) => from.startsWith("header:"));

type Find = (answer: Answer) => unknown[];

/** Throws an Error with a sentence where `from` is no way to find a value. */
export function compileFind(from: string): Find {
  const header = /^header:(\S+)$/.exec(from)?.[1];
  if (header !== undefined) return (answer) => [answer.header(header)].filter((text) => text !== undefined);
  if (from.startsWith("header:")) throw new Error(`expected header:NAME, found "${from}"`);
  if (from.startsWith("/")) return findPattern(from);
  const find = compileJsonPath(from.startsWith("$") ? from : `$.${from}`);
  return (answer) => {
    const body = answer.json();
    return body === undefined ? [] : find(body);
  };
}

/** The first group, or the whole where the pattern has none. */
function findPattern(from: string): Find {
  const pattern = patternOf(from);
  if (pattern === undefined)
    throw new Error(`expected a pattern between slashes, such as /id=(\\w+)/, found "${from}"`);
  const all = new RegExp(pattern, `${pattern.flags}g`);
  return (answer) => Array.from(answer.text().matchAll(all), ([whole, group]) => group ?? whole);
}

/** What takes values out of an answer. */
export interface Captor {
  /** Adds what is found to the values; a sentence where a value is missing. */
  take(answer: Answer, values: StepValues): string | null;
  /** The call failed: what an earlier one gave is not of this one. */
  clear(values: StepValues): void;
}

export function compileCaptures(captures: readonly Capture[]): Captor {
  const compiled = captures.map((capture) => ({ capture, find: compileFind(capture.from) }));
  const clear = (values: StepValues): void => {
    for (const { name } of captures) delete values[name];
  };
  return {
    clear,
    take(answer, values) {
      for (const { capture, find } of compiled) {
        const { name, list } = capture;
        const found = find(answer);
        if (list && found.length > 0) values[name] = found;
        else if (found.length > 0) values[name] = found[0];
        else if ("default" in capture) values[name] = capture.default;
        else if (list) values[name] = [];
        else return missing(capture, answer);
      }
      return null;
    },
  };
}

function missing({ name, from }: Capture, { size, kept = size }: Answer): string {
  const cut = kept < size ? ` (of the body's ${size} bytes only the first ${kept} are kept)` : "";
  return `capture failed: ${name} (${from}) found nothing in the answer${cut}`;
}
