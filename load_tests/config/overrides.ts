/** Flags that change the file's tree before it is checked: `--set` and `--host`. */
import type { Path, Tree } from "./document.ts";
import { pathText, valueAt } from "./issues.ts";
import { expectedWord, type Finding, found } from "./problem.ts";
import { serviceNames, servicePath } from "./services.ts";
import { readScalar } from "./variables.ts";

type Container = Record<string, unknown> | unknown[];

const isContainer = (value: unknown): value is Container => typeof value === "object" && value !== null;

function put(tree: Tree, path: Path, written: { value: unknown; flag: string }): void {
  const place = { flag: written.flag };
  let node = tree.value as Record<string | number, unknown>;
  for (const [index, key] of path.slice(0, -1).entries()) {
    if (!isContainer(node[key])) {
      node[key] = {};
      tree.places.set(path.slice(0, index + 1), place, place);
    }
    node = node[key] as Record<string | number, unknown>;
  }
  node[path.at(-1)!] = written.value;
  tree.places.set(path, place, place);
}

function drop(tree: Tree, path: Path): void {
  const parent = valueAt(tree.value, path.slice(0, -1));
  if (isContainer(parent)) delete (parent as Record<string | number, unknown>)[path.at(-1)!];
}

/** Names that only the file can bring: a flag may change what stands under one, not invent it. */
const isNamed = (path: Path): boolean =>
  (path.length === 2 && path[0] === "scenarios") ||
  (path.length === 3 && path[0] === "services" && path[1] !== "gateway");

/** The path of a `--set` through the tree, or the sentence that says where it ends. */
function walk(tree: unknown, keys: readonly string[]): { path: Path } | { problem: string } {
  const path: (string | number)[] = [];
  for (const [index, key] of keys.entries()) {
    const node = valueAt(tree, path);
    const here = path.length === 0 ? "the file" : `\`${pathText(path)}\``;
    if (Array.isArray(node)) {
      if (!/^\d+$/.test(key) || Number(key) >= node.length)
        return { problem: `${here} is a list of ${node.length}: expected a position from 0, found \`${key}\`` };
      path.push(Number(key));
      continue;
    }
    if (node !== undefined && !isContainer(node))
      return { problem: `${here} is ${found(node)}: nothing stands below it` };
    path.push(key);
    const legal = Object.keys(node ?? {});
    const missing = !legal.includes(key);
    if (key === "__proto__" || (missing && isNamed(path)))
      return { problem: `no \`${key}\` in ${here}: ${expectedWord(key, legal)}` };
    if (missing && index < keys.length - 1 && key === "") return { problem: "expected path.to.key=value" };
  }
  return { path };
}

/** Applies each `path.to.key=value`, its value read as a YAML scalar. What it brings is checked as if it were written. */
export function applySets(tree: Tree, sets: readonly string[]): Finding[] {
  return sets.flatMap((set): Finding[] => {
    const flag = `--set ${set}`;
    const at = set.indexOf("=");
    if (at <= 0) return [{ place: { flag }, message: "expected path.to.key=value" }];
    if (!isContainer(tree.value)) return [];
    const walked = walk(tree.value, set.slice(0, at).split("."));
    if ("problem" in walked) return [{ place: { flag }, message: walked.problem }];
    put(tree, walked.path, { value: readScalar(set.slice(at + 1)), flag });
    keepText(tree, walked.path, set.slice(at + 1));
    return [];
  });
}

/** Lets a value be taken as text again where text is expected, and counts it among those that may be secret. */
function keepText(tree: Tree, path: Path, text: string): void {
  (tree.substitutions as Tree["substitutions"][number][]).push({ path, whole: true, values: [text], text });
}

export interface HostFlags {
  readonly findings: readonly Finding[];
  /** Services that got an address. */
  readonly named: ReadonlySet<string>;
}

/** Gives services the addresses of `--host SERVICE=ADDRESS`, or the only service that of `--host ADDRESS`. */
export function applyHosts(tree: Tree, hosts: readonly string[]): HostFlags {
  const names = [...new Set(serviceNames(tree.value))];
  const findings: Finding[] = [];
  const named = new Set<string>();
  for (const written of hosts) {
    const flag = `--host ${written}`;
    const pair = /^([^=:/?]+)=(.*)$/.exec(written);
    const name = pair?.[1] ?? (names.length === 1 ? names[0] : undefined);
    const address = pair?.[2] ?? written;
    const path = name === undefined ? undefined : servicePath(tree.value, name);
    if (name === undefined)
      findings.push({
        place: { flag },
        message: `expected SERVICE=ADDRESS, as there are several services: ${names.join(", ")}`,
      });
    else if (address === "")
      findings.push({ place: { flag }, message: "expected an address behind the `=`, such as localhost:50052" });
    else if (path === undefined)
      findings.push({ place: { flag }, message: `no service is named \`${name}\`: ${expectedWord(name, names)}` });
    else {
      put(tree, [...path, "host"], { value: address, flag });
      drop(tree, [...path, "hosts"]);
      named.add(name);
    }
  }
  return { findings, named };
}

/** The place of a key of a scenario: its own, or that of the defaults it came from. */
export function scenarioPath(tree: unknown, name: string, path: Path): Path {
  const own = ["scenarios", name, ...path];
  const [key] = path;
  if (key === undefined || valueAt(tree, ["scenarios", name, key]) !== undefined) return own;
  return valueAt(tree, ["defaults", key]) === undefined ? own : ["defaults", ...path];
}
