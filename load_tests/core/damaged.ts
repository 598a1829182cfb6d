/** A file that should hold a run and does not: said in a sentence, never a crash. */
export class DamagedResult extends Error {}

/** What one file of a run may hold; more is damage or malice. */
export interface JsonLimits {
  /** Values in all, by the brackets and commas outside of strings. */
  readonly values: number;
  readonly depth: number;
}

export const RESULT_LIMITS: JsonLimits = { values: 8_000_000, depth: 100 };
/** A line of a timeline. */
export const LINE_LIMITS: JsonLimits = { values: 500_000, depth: 100 };

const QUOTE = 34;
const COMMA = 44;
const OPENERS = new Set([91, 123]);
const CLOSERS = new Set([93, 125]);

function endOfString(text: string, from: number): number {
  for (let at = text.indexOf('"', from + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let slashes = 0;
    while (text[at - 1 - slashes] === "\\") slashes++;
    if (slashes % 2 === 0) return at;
  }
  return text.length;
}

/** Throws a DamagedResult where a text, parsed, would be larger than the limits. */
export function checkSize(text: string, { values, depth }: JsonLimits): void {
  let deep = 0;
  let parts = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at);
    else if (code === COMMA) parts++;
    else if (CLOSERS.has(code)) deep--;
    else if (OPENERS.has(code)) {
      parts++;
      deep++;
    }
    if (deep > depth) throw new DamagedResult(`it is nested deeper than ${depth} levels`);
    if (parts > values) throw new DamagedResult(`it holds more than ${values} values`);
  }
}

/** Parses JSON of bounded size: what would not fit in memory is refused before it is built. */
export function parseBounded(text: string, limits: JsonLimits): unknown {
  checkSize(text, limits);
  try {
    return JSON.parse(text);
  } catch {
    throw new DamagedResult("it is not JSON, or it breaks off");
  }
}
