/** The YAML file as plain data, with the place of every value kept for messages. */
import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Pair,
  parseDocument,
  type Scalar,
} from "yaml";
import { type Finding, found, type Place } from "./problem.ts";
import { unquotedTemplates } from "./quoting.ts";
import { type Environment, readScalar, substitute } from "./variables.ts";

export type Path = readonly (string | number)[];

/** Values of variables that went into the scalar at a path. */
export interface Substitution {
  readonly path: Path;
  readonly whole: boolean;
  readonly values: readonly string[];
  /** The scalar's text with its variables replaced, before it was read as a number or a boolean. */
  readonly text: string;
}

/** Where each value of the tree was written. */
export class Places {
  private readonly known = new Map<string, { key?: Place; value: Place }>();

  set(path: Path, value: Place, key?: Place): void {
    this.known.set(JSON.stringify(path), key === undefined ? { value } : { key, value });
  }

  /** The value's place; that of the nearest thing around it where it was not written. */
  value(path: Path): Place | null {
    const exact = this.known.get(JSON.stringify(path));
    if (exact !== undefined) return exact.value;
    return path.length === 0 ? null : this.key(path.slice(0, -1));
  }

  /** The place of the key. */
  key(path: Path): Place | null {
    for (let length = path.length; length >= 0; length--) {
      const place = this.known.get(JSON.stringify(path.slice(0, length)));
      if (place !== undefined) return place.key ?? place.value;
    }
    return null;
  }
}

/** A mistake, and the value it was found in. */
export interface TreeFinding extends Finding {
  readonly path: Path;
}

export interface Tree {
  /** Whether there is a value to look at. */
  readonly readable: boolean;
  readonly value: unknown;
  readonly places: Places;
  readonly substitutions: readonly Substitution[];
  readonly findings: readonly TreeFinding[];
}

const MOST_VALUES = 100_000;
const MOST_CHARACTERS = 4_000_000;
const MOST_DEPTH = 200;

/** Reads the file's text. Never throws: whatever cannot be read is a finding. */
export function readTree(text: string, env: Environment): Tree {
  const nothing = { readable: false, value: undefined, places: new Places(), substitutions: [] };
  if (text.length > MOST_CHARACTERS)
    return { ...nothing, findings: [{ path: [], place: null, message: "the file is over 4 MB: expected a config" }] };
  if (/[\u0000\ufffd]/.test(text)) {
    const place = { offset: text.search(/[\u0000\ufffd]/) };
    return { ...nothing, findings: [{ path: [], place, message: "this is no text in UTF-8: save the file as UTF-8" }] };
  }
  try {
    const unquoted = unquotedTemplates(text);
    if (unquoted.length > 0) return { ...nothing, findings: unquoted.map((each) => ({ ...each, path: [] })) };
    const document = parseDocument(text, { prettyErrors: false, logLevel: "error" });
    const broken = syntaxFindings(document, text);
    return broken.length > 0 ? { ...nothing, findings: broken } : new Reader(document, text, env).tree();
  } catch (error) {
    const why =
      error instanceof RangeError ? "it is nested too deeply" : error instanceof Error ? error.message : String(error);
    return { ...nothing, findings: [{ path: [], place: null, message: `this is not YAML that can be read: ${why}` }] };
  }
}

/** Where YAML's own words are of no help. */
const WHY: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: "this key stands a second time in the same map (keys must be unique): keep one of them",
  MULTIPLE_DOCS: "a second document begins here (`---`): expected one config in a file",
};

/** What YAML refuses: of each line the first, as the rest of a line mostly follows from that. Quotes none of the text. */
function syntaxFindings({ errors, warnings }: Document.Parsed, text: string): TreeFinding[] {
  const lines = new Map<number, TreeFinding>();
  for (const { pos, message, code } of [...errors, ...warnings]) {
    const offset = Math.min(pos[0], text.length);
    const line = text.slice(0, offset).split("\n").length;
    if (!lines.has(line))
      lines.set(line, {
        path: [],
        place: { offset },
        message: `this is not YAML that can be read: ${WHY[code] ?? message.split(/;| in YAML stream/)[0]}`,
      });
  }
  return [...lines.values()];
}

class Reader {
  private readonly places = new Places();
  private readonly substitutions: Substitution[] = [];
  private readonly findings: TreeFinding[] = [];
  private readonly open = new Set<unknown>();
  private values = 0;
  private readonly document: Document.Parsed;
  private readonly text: string;
  private readonly env: Environment;

  constructor(document: Document.Parsed, text: string, env: Environment) {
    this.document = document;
    this.text = text;
    this.env = env;
  }

  tree(): Tree {
    this.places.set([], { offset: startOf(this.document.contents) });
    const value = this.plain(this.document.contents, []);
    if (this.values > MOST_VALUES) {
      const message = `the aliases of this file expand to more than ${MOST_VALUES} values: write fewer of them`;
      this.findings.splice(0, this.findings.length, { path: [], place: { offset: 0 }, message });
    }
    return {
      readable: this.values <= MOST_VALUES,
      value,
      places: this.places,
      substitutions: this.substitutions,
      findings: this.findings,
    };
  }

  private plain(node: unknown, path: Path): unknown {
    if (++this.values > MOST_VALUES || node === null || node === undefined) return null;
    if (path.length > MOST_DEPTH) return this.refuse(node, path, `this is nested more than ${MOST_DEPTH} deep`);
    if (isAlias(node)) return this.alias(node, path);
    if (isScalar(node)) return this.scalar(node, path);
    if (this.open.has(node)) return this.refuse(node, path, "an alias may not stand inside its own anchor");
    this.open.add(node);
    const value = isMap(node) ? this.map(node.items, path) : isSeq(node) ? this.list(node.items, path) : null;
    this.open.delete(node);
    return value;
  }

  private refuse(node: unknown, path: Path, message: string): null {
    this.findings.push({ path, place: { offset: startOf(node) }, message });
    return null;
  }

  private alias(node: Alias, path: Path): unknown {
    const target = node.resolve(this.document);
    return target === undefined
      ? this.refuse(node, path, `no anchor \`&${node.source}\` stands before this alias`)
      : this.plain(target, path);
  }

  private list(items: readonly unknown[], path: Path): unknown[] {
    return items.map((item, index) => {
      const below = [...path, index];
      this.places.set(below, { offset: startOf(item) });
      return this.plain(item, below);
    });
  }

  private map(items: readonly Pair[], path: Path): Record<string, unknown> {
    const pairs = new Map<string, Pair>();
    this.gather(items, path, pairs);
    const value: Record<string, unknown> = {};
    for (const [key, pair] of pairs) {
      const below = [...path, key];
      const keyPlace = { offset: startOf(pair.key) };
      this.places.set(below, isNothing(pair.value) ? keyPlace : { offset: startOf(pair.value) }, keyPlace);
      value[key] = this.plain(pair.value, below);
    }
    return value;
  }

  /** The pairs of a map by key: its own beat those that `<<` merges in, and of these the first. */
  private gather(items: readonly Pair[], path: Path, into: Map<string, Pair>): void {
    for (const pair of items) if (!isMerge(pair)) this.own(pair, path, into);
    for (const pair of items) if (isMerge(pair)) this.merge(pair.value, path, into);
  }

  private own(pair: Pair, path: Path, into: Map<string, Pair>): void {
    const key = isScalar(pair.key) ? this.scalar(pair.key, path) : undefined;
    if (key === undefined || key === null || key === "__proto__")
      this.refuse(
        pair.key,
        [...path, String(key)],
        `expected a name as the key, found ${key === "__proto__" ? "`__proto__`" : found(key)}`,
      );
    else if (!into.has(String(key))) into.set(String(key), pair);
  }

  private merge(node: unknown, path: Path, into: Map<string, Pair>): void {
    if (++this.values > MOST_VALUES) return;
    const source = isAlias(node) ? node.resolve(this.document) : node;
    if (this.open.has(source)) this.refuse(node, path, "an alias may not stand inside its own anchor");
    else if (isMap(source)) {
      this.open.add(source);
      this.gather(source.items, path, into);
      this.open.delete(source);
    } else if (isSeq(source)) for (const item of source.items) this.merge(item, path, into);
    else this.refuse(node, path, "`<<` expects a map, an alias of one, or a list of these");
  }

  private scalar(node: Scalar, path: Path): unknown {
    if (typeof node.value !== "string") return node.value;
    const result = substitute(node.value, this.env);
    if (result === undefined) return node.value;
    for (const name of result.unset) this.unset(node, path, name);
    if (result.broken)
      this.refuse(
        node,
        path,
        "`${` begins a variable: expected ${NAME} or ${NAME:-default}, the default without braces; a plain `${` is written `$${`",
      );
    const values = result.used.map((each) => each.value);
    if (values.length > 0) this.substitutions.push({ path, whole: result.whole, values, text: result.text });
    return node.type === "PLAIN" || result.whole ? readScalar(result.text) : result.text;
  }

  private unset(node: Scalar, path: Path, name: string): void {
    const at = this.text.indexOf(`\${${name}`, startOf(node));
    const end = node.range?.[1] ?? at;
    const message = `the environment variable ${name} is not set: set it, or write \${${name}:-default}`;
    this.findings.push({ path, place: { offset: at >= 0 && at < end ? at : startOf(node) }, message });
  }
}

const isMerge = ({ key }: Pair): boolean => isScalar(key) && key.type === "PLAIN" && key.value === "<<";

/** A value that was left out. */
const isNothing = (node: unknown): boolean =>
  node === null || (isScalar(node) && node.value === null && node.source === "");

const startOf = (node: unknown): number =>
  (node as { range?: [number, number, number] | null } | null)?.range?.[0] ?? 0;
