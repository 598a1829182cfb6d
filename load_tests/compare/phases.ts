/** Two phases of one run, compared as two runs are. */
import type { Change, ComparedRuns, RunReference } from "../core/comparison.ts";
import type { RunResult } from "../core/ledger.ts";
import type { ComparedPhases, Phase, Scenario } from "../core/model.ts";
import { levelAt } from "../core/schedule.ts";
import { compareRuns } from "./compare.ts";
import { overallChange } from "./judge_change.ts";

/** The run as if it had been that phase alone, which is then called `label`. */
function alone(result: RunResult, name: string, label: string): RunResult {
  const { header, duration } = result;
  const phase = header.scenario.phases.find((each) => each.name === name);
  const [from, to] = [phase?.start ?? duration, (phase?.start ?? 0) + (phase?.duration ?? 0)];
  const phases = header.scenario.phases.map((each) =>
    each === phase ? { ...each, name: label, measured: true } : { ...each, duration: 0, measured: false },
  );
  const seconds = result.seconds
    .filter(({ t }) => t * 1000 > from && t * 1000 <= to)
    .map((second) => ({ ...second, t: second.t - from / 1000 }));
  return { ...result, header: { ...header, scenario: { ...header.scenario, phases } }, seconds };
}

/** What the phases differ in by plan: their level at the end, spawn rate, weights. */
function differencesBetween({ flows, workloads = [] }: Scenario, [a, b]: readonly [Phase, Phase]): string[] {
  const level = ({ start, duration }: Phase) =>
    flows.reduce((sum, { segments }) => sum + levelAt(segments, (start + duration) * (1 - 1e-9)), 0);
  const rows: [string, number | undefined, number | undefined][] = [
    [flows[0]?.drive === "arrivals" ? "arrivals/s" : "users", Math.round(level(a)), Math.round(level(b))],
    ["spawn_rate", a.spawnRate, b.spawnRate],
    ...workloads.flatMap(({ name, tasks }) =>
      tasks.map((task): [string, number, number] => {
        const key = `${name}.${task.name}`;
        return [`weight of ${key}`, a.taskWeights?.[key] ?? task.weight, b.taskWeights?.[key] ?? task.weight];
      }),
    ),
  ];
  return rows
    .filter(([, before, after]) => before !== after)
    .map(([what, before, after]) => `config: ${what}: ${before ?? "all at once"}, then ${after ?? "all at once"}`);
}

/** Null where the run has no such phases. */
export function comparePhases(result: RunResult, { before, after }: ComparedPhases): ComparedRuns | null {
  const { scenario } = result.header;
  const [a, b] = [before, after].map((name) => scenario.phases.find((phase) => phase.name === name));
  if (a === undefined || b === undefined) return null;
  const label = `${before}, then ${after}`;
  const { comparison, drawings } = compareRuns([alone(result, before, label)], [alone(result, after, label)]);
  const of = (phase: string) => (run: RunReference) => ({ ...run, phase });
  const changes = comparison.changes.filter(({ phase }: Change) => phase === label);
  const [empty] = [
    [before, "the baseline"],
    [after, "the current run"],
  ].filter(([, side]) => comparison.why === `no call ended in ${side}`);
  return {
    comparison: {
      ...comparison,
      baseline: comparison.baseline.map(of(before)),
      current: comparison.current.map(of(after)),
      why: empty === undefined ? comparison.why : `no call ended in phase ${empty[0]}`,
      differences: differencesBetween(scenario, [a, b]),
      verdict: overallChange(changes),
      changes,
    },
    drawings: drawings.map((each) => ({ ...each, run: of(each.side === "baseline" ? before : after)(each.run) })),
  };
}
