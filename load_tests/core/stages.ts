/** Phases whose times are known once they have begun: each begins when the one before is through. */
import type { Flow, Ms, Phase, Scenario } from "./model.ts";

/** Whether the phases of the scenario are such; its times only stand for their order then. */
export const isStaged = ({ flows }: Pick<Scenario, "flows">): boolean => flows.some(({ phase }) => phase !== undefined);

/** A phase begins `at` a time; the one before it was `through` then, or before what was done between them. */
export interface PhaseStart {
  readonly index: number;
  readonly at: Ms;
  readonly through: Ms;
}

/** The scenario with the times at which its phases began, and the end so far; phases that never began have no length. */
export function asItRan(scenario: Scenario, starts: readonly PhaseStart[], end: Ms): Scenario {
  if (!isStaged(scenario)) return scenario;
  const startOf = (index: number) => starts.find((each) => each.index === index);
  const phases = scenario.phases.map((phase, i): Phase => {
    const start = i === 0 ? 0 : Math.min(startOf(i)?.at ?? end, end);
    return { ...phase, start, duration: Math.max(0, Math.min(startOf(i + 1)?.through ?? end, end) - start) };
  });
  const flows = scenario.flows.map((flow): Flow => {
    const at = phases[flow.phase ?? 0]!;
    const nominal = scenario.phases[flow.phase ?? 0]!.start;
    const segments = flow.segments
      .map((each) => ({ ...each, start: each.start - nominal + at.start }))
      .filter(({ start }) => start < at.start + at.duration)
      .map((each) => ({ ...each, duration: Math.min(each.duration, at.start + at.duration - each.start) }));
    return { ...flow, segments };
  });
  return { ...scenario, phases, flows, duration: end };
}
