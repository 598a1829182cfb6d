/** What a scenario does to the world as its phases change, and which of them it compares. */
import type { Phase, Scenario } from "../core/model.ts";
import { hookOf } from "./hook_schema.ts";
import { placeOf, type Report } from "./load_shape.ts";
import { expectedWord } from "./problem.ts";
import type { ScenarioConfig } from "./scenario_schema.ts";

/** The phases with what is done as they begin and end; commands are run in `folder`. */
export function withHooks(phases: readonly Phase[], { phases: written = [] }: ScenarioConfig, folder: string): Phase[] {
  return phases.map((phase) => {
    const { on_enter: enter, on_exit: exit } = written[placeOf(phase, written)] ?? {};
    return {
      ...phase,
      ...(enter === undefined ? {} : { onEnter: hookOf(enter, folder) }),
      ...(exit === undefined ? {} : { onExit: hookOf(exit, folder) }),
    };
  });
}

/** The phases to compare; none where one of them was left out for its length of 0. Names of no phase are reported. */
export function comparedPhases(
  { compare_phases: pair, phases: written = [] }: ScenarioConfig,
  phases: readonly Phase[],
  report: Report,
): Pick<Scenario, "comparePhases"> {
  if (pair === undefined) return {};
  const names = [...phases.map(({ name }) => name), ...written.flatMap(({ name }) => name ?? [])];
  for (const side of ["before", "after"] as const)
    if (!names.includes(pair[side]))
      report(
        ["compare_phases", side],
        `no phase is named \`${pair[side]}\`: ${expectedWord(pair[side], [...new Set(names)])}`,
      );
  if (pair.before === pair.after) report(["compare_phases", "after"], "expected another phase than `before`");
  const there = (name: string) => phases.some((phase) => phase.name === name);
  return there(pair.before) && there(pair.after) ? { comparePhases: pair } : {};
}

/** What is to be said where phases are not compared as written. */
export const uncompared = (config: ScenarioConfig, { comparePhases }: Pick<Scenario, "comparePhases">): string[] =>
  config.compare_phases === undefined || comparePhases !== undefined
    ? []
    : ["compare_phases is left out: one of its phases lasts 0 s"];
