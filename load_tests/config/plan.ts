/** What a run would do, in text: for `validate`, `--dry-run` and `--list`. */
import { isEndless } from "../core/endless.ts";
import { bounded, terminal } from "../core/escape.ts";
import { hookText } from "../core/hook.ts";
import { createMask, maskDeep } from "../core/mask.ts";
import type { CriterionSpec, Flow, Phase, Scenario, Service } from "../core/model.ts";
import { pauseText } from "../core/pause.ts";
import { levelAt, peakUsers } from "../core/schedule.ts";
import { formatMs } from "../core/units.ts";
import { drawLoad } from "./drawing.ts";
import { expectedCalls } from "./expectation.ts";
import { hasEnd } from "./iterations.ts";
import type { Plan } from "./load.ts";
import { shownAddress } from "./secrets.ts";
import { workloadLines } from "./workload_text.ts";

/** The names and descriptions of the file's scenarios; those that would run now carry a star. */
export function listText(plan: Plan): string {
  const width = Math.max(...plan.all.map(({ name }) => name.length));
  const lines = plan.all.map(({ name, description }) => {
    const star = plan.scenarios.some((scenario) => scenario.name === name) ? "*" : " ";
    return `${star} ${terminal(name).padEnd(width)}  ${terminal(description)}`.trimEnd();
  });
  return createMask(plan.secrets).text(lines.join("\n"));
}

/** One scenario with its load, services, criteria and every default; secrets are masked. */
export function planText(plan: Plan, scenario: Scenario): string {
  const mask = createMask(plan.secrets);
  const title = `${scenario.name}${scenario.description === "" ? "" : ` - ${scenario.description}`}`;
  const sections: [string, string[]][] = [
    ["", [title, `config ${plan.file}`]],
    ["load", loadLines(scenario)],
    ["workloads", workloadLines(scenario)],
    ["services", scenario.services.flatMap((service) => serviceLines(maskDeep(service, mask), scenario))],
    ["criteria", criteriaLines(scenario)],
    ["left out", noticeLines(scenario, true)],
    ["notices", noticeLines(scenario, false)],
    ["reports", reportLines(plan)],
    ["plugins", pluginLines(plan)],
    ["remarks", [...plan.remarks]],
  ];
  const shown = sections.filter(([, lines]) => lines.length > 0);
  const text = shown.map(([name, lines]) => [
    ...(name === "" ? [] : [name]),
    ...lines.map((line) => (name === "" ? inert(line) : `  ${inert(line)}`)),
  ]);
  return mask.text(text.map((lines) => lines.join("\n")).join("\n\n"));
}

const noticeLines = ({ notices }: Scenario, leftOut: boolean): string[] =>
  notices.filter(({ kind }) => kind !== "few-samples" && (kind === "not-judged") === leftOut).map(({ text }) => text);

/** Control characters made inert; spaces that indent stay. */
const inert = (line: string): string => terminal(line);

const round = (value: number): string =>
  (value >= 100 ? Math.round(value) : Number(value.toPrecision(3))).toLocaleString("en-US");

function loadLines(scenario: Scenario): string[] {
  const [flow] = scenario.flows;
  if (flow === undefined) return [];
  const { seed, maxInFlight, grace, duration, phases, roles } = scenario;
  const rows = phases.map((phase, index) => [
    phase.name,
    flow.phase !== undefined
      ? index === 0
        ? "at first"
        : "then"
      : isEndless(phase.duration)
        ? `from ${formatMs(phase.start)}`
        : `${formatMs(phase.start)} to ${formatMs(phase.start + phase.duration)}`,
    scenario.flows
      .filter((each) => each.phase === undefined || each.phase === index)
      .map((each) => levelText(each, phase))
      .join(" and "),
    hasEnd(scenario) ? `about ${round(expectedCalls(scenario, phase))} calls` : "until stopped",
    phase.measured ? "" : "not judged",
  ]);
  return [
    ...scenario.flows.map(driveText),
    ...drawLoad(scenario),
    ...table(rows),
    `${isEndless(duration) ? (hasEnd(scenario) ? "Until they are done" : "Until stopped") : `${formatMs(duration)} in all`}, then up to ${formatMs(grace)} for what is in flight; max_in_flight ${maxInFlight}, seed ${seed}`,
    ...(roles === null
      ? []
      : [`recovery: before ${roles.before}, stress ${roles.stress.join(" and ")}, after ${roles.after}`]),
    ...experimentLines(scenario),
  ];
}

function experimentLines({ phases, comparePhases: pair }: Scenario): string[] {
  const hooks = phases.flatMap(({ name, onEnter, onExit }) => [
    ...(onEnter === undefined ? [] : [`${name}, on_enter: ${hookText(onEnter)}`]),
    ...(onExit === undefined ? [] : [`${name}, on_exit: ${hookText(onExit)}`]),
  ]);
  const gate = pair?.gate ? ", a regression is exit 98" : "";
  return [...hooks, ...(pair === undefined ? [] : [`compared: ${pair.before}, then ${pair.after}${gate}`])];
}

const usersText = (users: number): string => `${users} ${users === 1 ? "user" : "users"}`;

function driveText({ drive, arrivals, think, segments, workload, iterations }: Flow): string {
  const what = workload === undefined ? "" : `${workload}, `;
  const end = iterations === undefined ? "" : `; exactly ${iterations} iterations`;
  if (drive === "users")
    return `closed loop: ${what}up to ${usersText(peakUsers(segments))}, think time ${pauseText(think)}${end}`;
  const spread = typeof arrivals === "string" ? arrivals : `cv ${arrivals.cv}`;
  return `open loop: ${what}arrivals per second, spread ${spread}${end}`;
}

/** The level at the start and the end of a phase; the range where it goes beyond both in between. */
function levelText({ segments, drive }: Flow, { start, duration }: Phase): string {
  const end = start + duration * (1 - 1e-9);
  const at = (time: number) => Number(levelAt(segments, time).toFixed(2));
  const inside = segments.filter((each) => each.start < end && each.start + each.duration > start);
  const all = [...inside.flatMap(({ from, to }) => [from, to]), at(start), at(end)];
  const [low, high] = [Math.min(...all), Math.max(...all)].map((level) => Number(level.toFixed(2))) as [number, number];
  const [from, to] = [at(start), at(end)];
  const unit = drive === "users" ? "users" : "arrivals/s";
  if (inside.length > 1 && (low < Math.min(from, to) || high > Math.max(from, to)))
    return `from ${round(low)} to ${round(high)} ${unit}`;
  return from === to ? `${round(to)} ${unit}` : `${round(from)} to ${round(to)} ${unit}`;
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join("  ")
      .trimEnd(),
  );
}

const share = (weight: number, items: readonly { weight: number }[]): string => {
  const sum = items.reduce((total, item) => total + item.weight, 0);
  return sum === 0 ? "0 %" : `${Number(((100 * weight) / sum).toFixed(1))} %`;
};

const SETTING_CHARACTERS = 100;

/** Settings of a stand-in that are milliseconds. */
const TIMES = new Set(["latency", "jitter", "dies_after"]);

const valueText = (value: unknown): string =>
  value === null
    ? "none"
    : bounded(typeof value === "string" ? value : (JSON.stringify(value) ?? "none"), SETTING_CHARACTERS);

/** What a protocol chooses by the drive where the config says nothing. */
const byDrive = (key: string, drive: Flow["drive"]): string | null =>
  key !== "connections" ? null : drive === "users" ? "per_user" : "shared";

function settingsText(settings: unknown, drive: Flow["drive"]): string[] {
  if (typeof settings !== "object" || settings === null) return [];
  return Object.entries(settings).map(
    ([key, value]) =>
      `${key} ${typeof value === "number" && TIMES.has(key) ? formatMs(value) : valueText(value ?? byDrive(key, drive))}`,
  );
}

function serviceLines(service: Service, { services, flows }: Scenario): string[] {
  const { name, protocol, driver, host, embedded, weight, timeout, connectTimeout, waitForReady, endpoints } = service;
  const drive = flows[0]?.drive ?? "users";
  const address = embedded
    ? "embedded: a stand-in on this machine"
    : (service.hosts ?? [host]).map(shownAddress).join(", ");
  const times = `timeout ${formatMs(timeout)}, connect_timeout ${formatMs(connectTimeout)}, wait_for_ready ${formatMs(waitForReady)}`;
  const drawn = service.workloads === undefined;
  const rows = endpoints.map((each) => [
    `  ${each.name}`,
    ...(drawn ? [`weight ${each.weight}`, share(each.weight, endpoints)] : []),
    each.checks.map(({ sentence }) => sentence).join(", "),
  ]);
  const part = drawn
    ? `weight ${weight}, ${share(weight, services)} of the calls`
    : `called by ${service.workloads.join(" and ")}`;
  return [
    `${name} (${protocol}${driver === undefined ? "" : `, ${driver} driver`})  ${address}  ${part}`,
    ...table(rows),
    `  ${[times, ...settingsText(service.settings, drive)].join(", ")}`,
    ...(embedded ? [`  stand-in: ${settingsText(service.standIn, drive).join(", ")}`] : []),
  ];
}

const scopeText = ({ scope }: CriterionSpec): string =>
  (["service", "endpoint", "phase"] as const)
    .flatMap((key) => (scope[key] === undefined ? [] : [`${key} ${scope[key]}`]))
    .join(", ");

function criteriaLines(scenario: Scenario): string[] {
  const rows = scenario.criteria.map((spec) => [
    spec.sentence,
    scopeText(spec),
    `(${spec.origin}${spec.abort ? ", ends the run" : ""}${spec.minSamples === null ? "" : `, from ${spec.minSamples} calls on`})`,
  ]);
  const few = scenario.notices.filter(({ kind }) => kind === "few-samples");
  const tooFew = few.map(({ text }) => `too few calls: ${text}`);
  const none = rows.length === 0 ? ["none: the verdict will be unknown"] : [];
  return [...none, ...table(rows), ...tooFew];
}

const pluginLines = ({ plugins }: Plan): string[] => [
  ...plugins.protocols.map(({ kind }) => `protocol ${kind}`),
  ...plugins.criteria.map(({ kind, example }) => `criterion ${kind}: ${example}`),
  ...plugins.reporters.map(({ format }) => `report format ${format}`),
  ...plugins.sinks.map(
    ({ file, sample }) => `${file}: a sink of ${Number((sample * 100).toPrecision(6))} % of the calls`,
  ),
];

const reportLines = ({ reports }: Plan): string[] => [
  `${reports.formats.join(", ")} in ${reports.outputDir}, charts ${reports.charts ? "on" : "off"}, percentiles ${reports.percentiles.join(", ")}`,
  `throughput window ${formatMs(reports.throughputWindow)}, comparison_baseline ${reports.comparisonBaseline}, keep ${reports.keep ?? "all"}`,
];
