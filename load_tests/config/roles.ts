/** Which phases recovery is judged by. */
import type { Phase, Roles } from "../core/model.ts";
import type { Report } from "./load_shape.ts";
import { expectedWord } from "./problem.ts";
import type { ScenarioConfig } from "./scenario_schema.ts";

const STRESS = ["surge", "spike"];

/** The roles as written, else by the phases' names; null where there is none before or after. */
export function rolesOf(config: ScenarioConfig["roles"], phases: readonly Phase[], report: Report): Roles | null {
  const names = phases.map(({ name }) => name);
  const has = (name: string): string | undefined => (names.includes(name) ? name : undefined);
  if (!checkNames(config, names, report)) return null;
  const before = config?.before ?? has("level");
  const after = config?.after ?? has("recovery");
  if (before === undefined || after === undefined) {
    if (config !== undefined)
      report(["roles"], `no phase ${before === undefined ? "before" : "after"} the stress: name it in \`roles\``);
    return null;
  }
  const between = names.slice(names.indexOf(before) + 1, Math.max(0, names.indexOf(after)));
  const named = between.filter((name) => STRESS.includes(name));
  const written = typeof config?.stress === "string" ? [config.stress] : config?.stress;
  const stress = written ?? (named.length > 0 ? named : between);
  if (stress.length > 0 && stress.every((name) => between.includes(name))) return { before, stress, after };
  if (config !== undefined) report(["roles"], "expected the phases in the order before, stress, after");
  return null;
}

function checkNames(config: ScenarioConfig["roles"], names: readonly string[], report: Report): boolean {
  const stress = typeof config?.stress === "string" ? [config.stress] : (config?.stress ?? []);
  const written: [readonly (string | number)[], string | undefined][] = [
    [["roles", "before"], config?.before],
    ...stress.map((name, index): [readonly (string | number)[], string] => [["roles", "stress", index], name]),
    [["roles", "after"], config?.after],
  ];
  const unknown = written.filter(([, name]) => name !== undefined && !names.includes(name));
  for (const [path, name] of unknown) report(path, `no phase is named \`${name}\`: ${expectedWord(name!, names)}`);
  return unknown.length === 0;
}
