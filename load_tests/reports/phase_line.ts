/** One phase of a run under way in one line: its users, spawn rate and weights, and what its calls came to so far. */
import { type RunResult, sumSeries } from "../core/ledger.ts";
import type { Ms, Scenario } from "../core/model.ts";
import { levelAt } from "../core/schedule.ts";
import { COUNTER, failuresOf, requestsOf } from "../core/snapshot.ts";
import { isTask } from "../core/workload.ts";
import { clock, count, percent, plain, rate, time } from "./figures.ts";

/** Those of the phase, where phases have workloads of their own. */
const workloadsIn = ({ workloads = [], flows }: Pick<Scenario, "workloads" | "flows">, position: number) =>
  workloads.filter(({ name }) =>
    flows.some(({ workload, phase }) => workload === name && (phase ?? position) === position),
  );

/** Weights of the tasks of its workloads as they are in the phase; of the services where there are no tasks. */
function weightsText({ services, ...scenario }: Scenario, position: number): string[] {
  const { taskWeights = {} } = scenario.phases[position]!;
  const workloads = workloadsIn(scenario, position);
  const tasks = workloads.flatMap(({ name, tasks }) =>
    tasks.map((task) => ({
      name: workloads.length > 1 ? `${name}.${task.name}` : task.name,
      weight: taskWeights[`${name}.${task.name}`] ?? task.weight,
    })),
  );
  const weighed = tasks.length > 0 ? tasks : services;
  return weighed.length < 2 ? [] : [`weights ${weighed.map(({ name, weight }) => `${name} ${weight}`).join(", ")}`];
}

function callsText({ series }: RunResult, position: number): string {
  const of = series.filter(({ phase, info }) => phase === position && !isTask(info));
  const { counts, latency } = sumSeries(of);
  const [requests, failures] = [requestsOf(counts), failuresOf(counts)];
  const share = failures === 0 ? "" : ` (${percent(failures / Math.max(1, requests - counts[COUNTER.aborted]!))})`;
  const [p50, p95] = [0.5, 0.95].map((p) => time(latency.percentile(p)));
  return `${count(requests)} requests, p50 ${p50}, p95 ${p95}, ${count(failures)} errors${share}`;
}

/** The level that the plan has just before a time; users that are there by then are on their way to the next. */
const planned = ({ flows }: Scenario, at: Ms): number =>
  flows.reduce((sum, { segments }) => sum + levelAt(segments, at * (1 - 1e-9)), 0);

const levelText = (level: number, { flows }: Scenario): string =>
  flows[0]?.drive === "arrivals" ? `${plain(level)} arrivals/s` : usersText(Math.round(level));

const usersText = (users: number): string => `${plain(users)} ${users === 1 ? "user" : "users"}`;

export interface PhaseMoment {
  /** Position of the phase. */
  readonly phase: number;
  /** There at the moment, a second into a phase that began; arrivals are as planned. */
  readonly users: number;
}

/** `Phase baseline ends at 5:00: 10 users, spawn rate 2/s, weights list 40, create 30; 1,204 requests, p50 ...`. */
export function phaseLine(what: "ends" | "began", result: RunResult, { phase: position, users }: PhaseMoment): string {
  const { scenario } = result.header;
  const phase = scenario.phases[position]!;
  const at = what === "ends" ? phase.start + phase.duration : phase.start;
  const asPlanned = what === "ends" || scenario.flows[0]?.drive === "arrivals";
  const load = [
    levelText(asPlanned ? planned(scenario, what === "ends" ? at : at + 1000) : users, scenario),
    ...(phase.spawnRate === undefined ? [] : [`spawn rate ${rate(phase.spawnRate)}`]),
    ...weightsText(scenario, position),
  ];
  return `Phase ${phase.name} ${what} at ${clock(at / 1000)}: ${load.join(", ")}; ${callsText(result, position)}`;
}
