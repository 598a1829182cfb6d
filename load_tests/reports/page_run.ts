/** What the HTML page says of the run itself: commit and machine, the generator, the config that was used. */
import { stringify } from "yaml";
import { bounded, terminal } from "../core/escape.ts";
import type { Flow } from "../core/model.ts";
import type { Report } from "../core/plugin.ts";
import type { Facts, WorkerReport } from "./document.ts";
import { ABSENT, bytes, count, plain, time } from "./figures.ts";

export function facts({ run_id, started_at, ended_at, ended, seed, drivers = {}, environment: at }: Facts) {
  const driven = Object.entries(drivers).map(([service, driver]) => `${service} ${driver}`);
  const git = [at.git_sha, at.git_branch].filter((part) => part !== null).join(" on ");
  return [
    ["Run", run_id],
    ["Started", started_at],
    ["Ended", `${ended_at} (${ended})`],
    ["Seed", String(seed)],
    ...(driven.length === 0 ? [] : [["Drivers", driven.join(", ")] as const]),
    ["Tenfold", at.tenfold],
    ["Commit", git === "" ? ABSENT : git],
    ["Node", at.node],
    ["System", `${at.os}, ${at.cpus} CPUs, ${bytes(at.memory_bytes)}`],
    ["CI", at.ci ?? ABSENT],
  ].map(([label, value]) => ({ label, value }));
}

const meanAndMax = (of: { mean: number; max: number } | null): string =>
  of === null ? ABSENT : `${plain(of.mean, 1)} % (at most ${plain(of.max, 1)} %)`;

const workerRow = ({ worker, cpu_percent, gc_percent, waiting_percent }: WorkerReport) => [
  `Worker ${worker}`,
  `CPU ${meanAndMax(cpu_percent)}, garbage collection ${meanAndMax(gc_percent)}, waiting for a core ${meanAndMax(waiting_percent)}`,
];

export function generator({ generator }: Facts) {
  const { healthy, workers, lateness_ms, event_loop_delay_ms, cpu_percent, per_worker } = generator;
  return {
    healthy,
    rows: [
      ["Workers", String(workers)],
      ["Lateness p50, p99, max", [lateness_ms.p50, lateness_ms.p99, lateness_ms.max].map(time).join(", ")],
      ["Event-loop delay p99", time(event_loop_delay_ms.p99)],
      ["CPU mean, max", `${plain(cpu_percent.mean, 1)} %, ${plain(cpu_percent.max, 1)} % of a core`],
      ...per_worker.filter(({ cpu_percent: known }) => known !== null).map(workerRow),
    ].map(([label, value]) => ({ label, value })),
  };
}

/** Shapes are cut into many; the result file has all of them. */
const MOST_SEGMENTS = 100;

const shortened = (flow: Flow) =>
  flow.segments.length <= MOST_SEGMENTS
    ? flow
    : {
        ...flow,
        segments: [...flow.segments.slice(0, MOST_SEGMENTS), `and ${count(flow.segments.length - MOST_SEGMENTS)} more`],
      };

const LONGEST_CONFIG = 200_000;

/** The scenario as it ran, every default written out. */
export function configText({ result: { header } }: Report): string {
  const scenario = { ...header.scenario, flows: header.scenario.flows.map(shortened) };
  const text = stringify(scenario, { aliasDuplicateObjects: false });
  return bounded(text, LONGEST_CONFIG).split("\n").map(terminal).join("\n");
}
