/** The last of several phases may leave its end to the scenario: it lasts as long as the phases before it leave. */
import { ENDLESS } from "../core/endless.ts";
import type { Report } from "./load_shape.ts";
import type { PhaseConfig, ScenarioConfig, WrittenPhase, WrittenScenario } from "./scenario_schema.ts";
import { isStaged } from "./stages.ts";

const OPEN_END = "this phase has no end: expected `duration`";

/** A phase that ends by count or after a time; a length of 0 is none. */
function withOwnEnd(phase: WrittenPhase, index: number, report: Report): PhaseConfig {
  const { duration, iterations, per } = phase;
  if (duration === undefined && iterations === undefined) report(["phases", index], `${OPEN_END}, or \`iterations\``);
  if (per !== undefined && iterations === undefined) report(["phases", index, "per"], "`per` goes with `iterations`");
  return { ...phase, duration: duration ?? 0 };
}

/** The scenario with the length of each phase. A scenario's `duration: 0` leaves its last phase without an end. */
export function withLastPhase({ phases, ...config }: WrittenScenario, report: Report): ScenarioConfig {
  if (phases === undefined) return config;
  if (isStaged({ phases })) return { ...config, phases: phases.map((phase, i) => withOwnEnd(phase, i, report)) };
  const last = phases.length - 1;
  for (const [i, phase] of phases.entries())
    if (phase.duration === undefined && i < last)
      report(["phases", i], `${OPEN_END}; only the last takes what the others leave of the scenario's`);
  const before = phases.slice(0, last).reduce((sum, { duration = 0 }) => sum + duration, 0);
  const lengths = (length: number): PhaseConfig[] =>
    phases.map((phase, i) => ({ ...phase, duration: phase.duration ?? (i === last ? length : 1) }));
  if (phases[last]!.duration !== undefined) return { ...config, phases: lengths(1) };
  const { duration: whole, ...rest } = config;
  if (whole === undefined) report(["phases", last], `${OPEN_END} in it, or in the scenario for all phases`);
  else if (whole > 0 && whole <= before)
    report(
      ["duration"],
      `the phases before \`${phases[last]!.name ?? "the last"}\` take ${before / 1000} s: expected more than that, or 0 for no end`,
    );
  return { ...rest, phases: lengths(whole === 0 ? ENDLESS : Math.max(1, (whole ?? 0) - before)) };
}
