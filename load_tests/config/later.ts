/** Words of the configuration language that a later version brings: refused by name, never ignored. */
import type { Path } from "./document.ts";

interface Later {
  /** Keys from the top; `*` is any one key, and a last part `a|b` any of these. */
  readonly at: string;
  /** The value that is of a later version; any, where absent. Lists are asked entry by entry. */
  readonly when?: (value: unknown) => boolean;
  /** How the message calls it; the key, where absent. */
  readonly name?: (value: unknown) => string;
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const hasKey = (keys: readonly string[]) => (value: unknown) => isMap(value) && keys.some((key) => key in value);
const is =
  (...values: unknown[]) =>
  (value: unknown) =>
    values.includes(value);
const value = (key: string) => (written: unknown) => `${key}: ${String(written)}`;
const firstOf = (key: string, keys: readonly string[]) => (written: unknown) =>
  `${key}: { ${keys.find((each) => isMap(written) && each in written)} }`;

/** Sources that are asked over the network. */
const SCRAPED = ["container", "prometheus", "dcgm"];

const scenarioWords = (at: string): Later[] => [
  { at: `${at}.repeat|capacity|pacing` },
  { at: `${at}.warm_up`, when: is("auto"), name: value("warm_up") },
  { at: `${at}.shape`, when: is("sine", "steps", "points", "random_walk", "repeat"), name: value("shape") },
  { at: `${at}.phases.*.repeat|workloads` },
];

const TABLE: readonly Later[] = [
  { at: "compare|tracing|outputs|include" },
  ...scenarioWords("defaults"),
  ...scenarioWords("scenarios.*"),
  {
    at: "metrics.resource_utilization.*",
    when: hasKey(SCRAPED),
    name: firstOf("resource_utilization", SCRAPED),
  },
];

export const notYet = (name: string): string => `\`${name}\` is not in this version of Tenfold yet`;

/** Reports each word of a later version in the tree at its path. */
export function refuseLater(tree: unknown, report: (path: Path, message: string) => void): void {
  for (const later of TABLE) visit({ node: tree, parts: later.at.split("."), path: [] }, later, report);
}

interface Spot {
  readonly node: unknown;
  readonly parts: readonly string[];
  readonly path: Path;
}

function visit({ node, parts, path }: Spot, later: Later, report: (path: Path, message: string) => void): void {
  const [part, ...rest] = parts;
  if (typeof node !== "object" || node === null || part === undefined) return;
  for (const key of part === "*" ? Object.keys(node) : part.split("|").filter((each) => Object.hasOwn(node, each))) {
    const below = [...path, Array.isArray(node) ? Number(key) : key];
    const child = (node as Record<string, unknown>)[key];
    if (rest.length > 0) visit({ node: child, parts: rest, path: below }, later, report);
    else if (later.when === undefined || later.when(child)) report(below, notYet(later.name?.(child) ?? key));
  }
}
