/** All scenarios of the file, checked; those to run with their services and the flags. */
import { dirname, resolve } from "node:path";
import type { Scenario } from "../core/model.ts";
import type { Path } from "./document.ts";
import type { Draft } from "./draft.ts";
import { withFlags } from "./flags.ts";
import { valueAt } from "./issues.ts";
import { withLastPhase } from "./open_phase.ts";
import { scenarioPath } from "./overrides.ts";
import { withPoints } from "./points.ts";
import { expectedWord } from "./problem.ts";
import { missingSources, resourcePlan } from "./resources.ts";
import { compileScenario, type ScenarioContext } from "./scenario.ts";
import { fileCriteria, type ScenarioConfig, scenarioSchema } from "./scenario_schema.ts";
import { calledServices, namedIn, plansOf, stepContext } from "./scenario_steps.ts";
import { metricsSchema } from "./schema.ts";
import { servicesOf } from "./selection.ts";
import { type Declared, resolveServices, serviceNames, servicePaths } from "./services.ts";
import { errorThreshold } from "./settings.ts";
import { keepTagged } from "./tags.ts";

type Raw = Readonly<Record<string, unknown>>;

/** Keys of the defaults that a scenario of another kind does not take over. */
const OUSTED: Readonly<Record<string, readonly string[]>> = {
  phases: ["users", "rate", "spawn_rate", "duration", "shape"],
  users: ["rate", "arrivals", "phases"],
  rate: ["users", "spawn_rate", "phases"],
  duration: ["phases"],
  workload: ["workloads"],
  workloads: ["workload"],
};

/** The scenario with the file's defaults below it. */
function merged(defaults: Raw, own: Raw): Raw {
  const ousted = Object.keys(own).flatMap((key) => OUSTED[key] ?? []);
  return { ...Object.fromEntries(Object.entries(defaults).filter(([key]) => !ousted.includes(key))), ...own };
}

export interface Planned {
  readonly scenarios: readonly Scenario[];
  readonly all: readonly { readonly name: string; readonly description: string }[];
  readonly remarks: readonly string[];
}

interface Entry {
  readonly name: string;
  readonly config: ScenarioConfig;
  readonly path: (path: Path) => Path;
}

/** Checks every scenario as written, and compiles the chosen ones as the flags want them. */
export async function planScenarios(
  draft: Draft,
  declared: readonly Declared[],
  chosen: readonly string[],
): Promise<Planned> {
  const entries = readScenarios(draft);
  const planned: { scenario: Scenario; remarks: readonly string[] }[] = [];
  for (const read of entries) {
    const entry = { ...read, config: await withPoints(read.config, pointsContext(draft, read)) };
    const runs = chosen.includes(entry.name);
    const timeout = valueAt(draft.value, entry.path(["timeout"]));
    const own = timeout === undefined ? declared : await resolveServices(stepContext(draft), timeout);
    const result = await planOne(draft, entry, { declared: own, runs, timeout });
    if (runs && result !== null) planned.push(result);
  }
  planned.sort((a, b) => chosen.indexOf(a.scenario.name) - chosen.indexOf(b.scenario.name));
  return {
    scenarios: planned.map(({ scenario }) => scenario),
    all: entries.map(({ name, config }) => ({ name, description: config.description ?? "" })),
    remarks: [...new Set(planned.flatMap(({ remarks }) => remarks))],
  };
}

const pointsContext = (draft: Draft, entry: Entry) => ({
  file: draft.request.file,
  data: draft.request.data,
  report: (path: Path, message: string) => draft.reportAt(entry.path(path), message),
});

function readScenarios(draft: Draft): Entry[] {
  const scenarios = valueAt(draft.value, ["scenarios"]);
  if (typeof scenarios !== "object" || scenarios === null) return [];
  const type = valueAt(draft.value, ["test_type"]);
  const defaults = {
    ...(type === undefined ? {} : { test_type: type }),
    ...(valueAt(draft.value, ["defaults"]) as Raw | undefined),
  };
  return Object.entries(scenarios as Readonly<Record<string, Raw>>).flatMap(([name, own]) => {
    const written = scenarioSchema.safeParse(merged(defaults, own)).data;
    const path = (path: Path) => scenarioPath(draft.value, name, path);
    if (written === undefined) return [];
    return [{ name, config: withLastPhase(written, (at, message) => draft.reportAt(path(at), message)), path }];
  });
}

interface Planning {
  readonly declared: readonly Declared[];
  readonly runs: boolean;
  readonly timeout: unknown;
}

async function planOne(draft: Draft, entry: Entry, { declared, runs, timeout }: Planning) {
  const report = (path: Path, message: string) => draft.reportAt(entry.path(path), message);
  const { flags } = draft.request;
  const byFlag = (flag: string, message: string) =>
    draft.report({ place: { flag }, message: `scenarios.${entry.name}: ${message}` });
  const config = runs ? withFlags(entry.config, flags, byFlag) : entry.config;
  checkServiceNames(draft, config, report);
  const called = namedIn(config).length > 0 ? await calledServices(draft, config, { timeout, report }) : undefined;
  if (called === null) return null;
  const { services, leftOut } =
    called === undefined
      ? servicesOf(declared, config, runs ? draft.hosts.named : new Set())
      : { services: called.map(({ service }) => service), leftOut: [] };
  const metrics = draft.parsed(["metrics"], metricsSchema) ?? {};
  const resources = resourcePlan(metrics.resource_utilization);
  const context: ScenarioContext = {
    folder: dirname(resolve(draft.request.file)),
    plugins: draft.request.criteria,
    fileCriteria: draft.parsed(["criteria"], fileCriteria),
    errorThreshold: errorThreshold(metrics),
    resources,
    narrowed: runs && flags.tags !== undefined,
    notices: missingSources(resources, services),
    report,
  };
  if (called?.length === 0) {
    if (draft.findings.length === 0) report([], "the steps of its workload make no call: nothing would be sent");
  } else if (!draft.broken(["services"]) && (called !== undefined || allResolved(draft, config, declared)))
    checkServices(draft, { ...entry, config }, { services, runs });
  const whole = { config, services, workloads: called === undefined ? [] : plansOf(draft, config, called) };
  const { tags } = flags;
  const parts =
    !runs || tags === undefined ? whole : keepTagged(whole, tags, (why) => byFlag(`--tags ${tags.join()}`, why));
  const compiled = compileScenario(entry.name, parts, context);
  if (compiled === null) return null;
  const said = leftOut.map((name) => `left out: ${name}, as it is embedded and --host names other services`);
  return { ...compiled, remarks: [...said, ...compiled.remarks] };
}

/** Whether each service that the scenario may use could be resolved; else its absence was told before. */
function allResolved(draft: Draft, config: ScenarioConfig, declared: readonly Declared[]): boolean {
  const wanted = servicePaths(draft.value).filter((path) => config.services?.includes(String(path.at(-1))) ?? true);
  const unknown = config.services?.some((name) => !wanted.some((path) => path.at(-1) === name)) ?? false;
  const enabled = wanted.filter((path) => valueAt(draft.value, [...path, "enabled"]) !== false);
  return !unknown && enabled.every((path) => declared.some(({ service }) => service.name === path.at(-1)));
}

function checkServiceNames(draft: Draft, config: ScenarioConfig, report: (path: Path, message: string) => void): void {
  const names = [...new Set(serviceNames(draft.value))];
  config.services?.forEach((name, index) => {
    if (!names.includes(name))
      report(["services", index], `no service is named \`${name}\`: ${expectedWord(name, names)}`);
  });
}

type Kept = { services: Scenario["services"]; runs: boolean };

/** A scenario needs a service, one with a weight, and where stand-ins are refused none of these. */
function checkServices(draft: Draft, { name, config, path }: Entry, { services, runs }: Kept): void {
  const { flags } = draft.request;
  if (services.length === 0) {
    const type =
      config.test_type === undefined || config.test_type === "all" ? "" : ` of test type ${config.test_type}`;
    const message = `no service is left${type}: expected at least one that is enabled`;
    if (runs && flags.testType !== undefined)
      draft.report({ place: { flag: `--test-type ${flags.testType}` }, message: `scenarios.${name}: ${message}` });
    else draft.reportAt(path([]), message);
  } else if (
    config.workload === undefined &&
    config.workloads === undefined &&
    services.every(({ weight }) => weight === 0)
  ) {
    draft.reportAt(path([]), "the weights of its services sum to nothing: give at least one a weight over 0");
  }
  if (!runs || flags.embedded !== false) return;
  for (const each of services.filter(({ embedded }) => embedded))
    draft.report({
      place: { flag: "--no-embedded" },
      message: `the service \`${each.name}\` is embedded: give it an address by --host ${each.name}=ADDRESS`,
    });
}
