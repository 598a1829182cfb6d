/** What differed between runs beside the service under test: commit, machine, config. */
import type { RunHeader, Scenario } from "../core/model.ts";

const MOST_CONFIG = 50;
const MOST_TEXT = 100;

const shown = (value: unknown): string => {
  const text = value === undefined ? "nothing" : typeof value === "string" ? value : JSON.stringify(value);
  return text.length > MOST_TEXT ? `${text.slice(0, MOST_TEXT - 1)}…` : text;
};

/** Every leaf of a tree by its path; iterative, for a config may come from elsewhere and be deep. */
function leavesOf(tree: unknown): Map<string, unknown> {
  const leaves = new Map<string, unknown>();
  const open: [string, unknown][] = [["", tree]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [path, node] = next;
    if (typeof node !== "object" || node === null) leaves.set(path, node);
    else for (const [key, child] of Object.entries(node)) open.push([path === "" ? key : `${path}.${key}`, child]);
  }
  return leaves;
}

/** The scenario as it is compared: a stand-in's port is another each time, and notices are no config. */
const configOf = ({ notices: _, ...scenario }: Scenario): object => ({
  ...scenario,
  services: Object.fromEntries(
    scenario.services.map((service) => [
      service.name,
      { ...service, host: service.embedded ? "embedded" : service.host },
    ]),
  ),
});

function configDifferences(a: Scenario, b: Scenario): string[] {
  const [before, after] = [leavesOf(configOf(a)), leavesOf(configOf(b))];
  const paths = [...new Set([...before.keys(), ...after.keys()])].sort();
  const differing = paths.filter((path) => before.get(path) !== after.get(path));
  const lines = differing
    .slice(0, MOST_CONFIG)
    .map((path) => `config: ${path}: ${shown(before.get(path))}, then ${shown(after.get(path))}`);
  const more = differing.length - lines.length;
  return more > 0 ? [...lines, `config: ${more} more values`] : lines;
}

const MACHINE = {
  os: "system",
  cpus: "CPUs",
  memory_bytes: "memory, bytes",
  node: "Node",
  tenfold: "Tenfold",
  ci: "CI",
};
const COMMIT = { git_sha: "commit", git_branch: "branch" };

function environmentDifferences(a: RunHeader, b: RunHeader): string[] {
  const line = (kind: string, names: object) =>
    (Object.entries(names) as [keyof RunHeader["environment"], string][])
      .filter(([key]) => a.environment[key] !== b.environment[key])
      .map(
        ([key, name]) =>
          `${kind}: ${name}: ${shown(a.environment[key] ?? "none")}, then ${shown(b.environment[key] ?? "none")}`,
      );
  return [...line("commit", COMMIT), ...line("machine", MACHINE)];
}

/** A line for each difference between any run and the first of the baseline, said once. */
export function differencesOf(headers: readonly RunHeader[]): string[] {
  const [first, ...others] = headers;
  if (first === undefined) return [];
  const lines = others.flatMap((other) => [
    ...environmentDifferences(first, other),
    ...(first.workers === other.workers ? [] : [`config: workers: ${first.workers}, then ${other.workers}`]),
    ...configDifferences(first.scenario, other.scenario),
  ]);
  return [...new Set(lines)];
}
