/** From sentences to the criteria of a scenario. */
import type { CriterionSpec, Notice, Scenario, Scope, Service } from "../core/model.ts";
import type { Criterion } from "../core/plugin.ts";
import type { Path } from "./document.ts";
import { recoveryTooThin } from "./expectation.ts";
import { expectedWord, nearest } from "./problem.ts";
import type { CriterionConfig } from "./scenario_schema.ts";
import { tagsOf } from "./tags.ts";

type Report = (path: Path, message: string) => void;

/** The criteria where neither the file nor the scenario gives any. `threshold` is the error rate's, as a ratio. */
export function defaultSentences({ name, flows, roles }: Scenario, threshold: number): string[] {
  const percent = Number((threshold * 100).toPrecision(12));
  return [
    "p95 < 2s",
    `error_rate < ${percent}%`,
    ...(flows.some(({ drive }) => drive === "arrivals") ? ["throughput >= 95% of offered"] : []),
    ...(name === "target" ? ["throughput >= 9.5x baseline"] : []),
    ...(roles === null ? [] : ["recovery < 30s"]),
  ];
}

/** Reads a list of criteria, reporting at `path` and the position in it. */
export function parseCriteria(
  written: readonly (CriterionConfig | undefined)[],
  {
    plugins,
    origin,
    path,
    report,
    services,
    open = false,
  }: {
    plugins: readonly Criterion[];
    origin: CriterionSpec["origin"];
    path: Path;
    report: Report;
    services: readonly Service[];
    /** Code may give metrics of any name. */
    open?: boolean;
  },
): CriterionSpec[] {
  return written.flatMap((config, index): CriterionSpec[] => {
    if (config === undefined) return [];
    const at = [...path, index];
    const {
      expect: sentence,
      service,
      endpoint,
      tag,
      phase,
      min_samples,
      abort,
    } = typeof config === "string" ? { expect: config } : (config as Exclude<CriterionConfig, string>);
    const parsed = parseSentence(sentence, plugins, open);
    if ("problem" in parsed) {
      report(typeof config === "string" ? at : [...at, "expect"], parsed.problem);
      return [];
    }
    const scope: Scope = {
      ...(service === undefined ? {} : { service }),
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(tag === undefined ? {} : { tag }),
      ...(phase === undefined ? {} : { phase }),
    };
    const spec = { sentence, ...parsed, scope, minSamples: min_samples ?? null, abort: abort ?? false, origin };
    const vain = vanity(spec, services, plugins);
    if (vain?.slip) report(typeof config === "string" ? at : [...at, "expect"], `\`${sentence}\`: ${vain.why}`);
    return [spec];
  });
}

const vanity = (spec: CriterionSpec, services: readonly Service[], plugins: readonly Criterion[]) =>
  services.length === 0 ? null : plugins.find(({ kind }) => kind === spec.kind)?.vain?.(spec, services);

/** A line for each criterion that nothing can miss. */
export const vainCriteria = ({ name, criteria, services }: Scenario, plugins: readonly Criterion[]): string[] =>
  criteria.flatMap((spec) => {
    const vain = vanity(spec, services, plugins) ?? null;
    return vain === null || vain.slip ? [] : [`${name}: ${spec.sentence}: ${vain.why}`];
  });

type Parsed = { kind: string; rule: unknown } | { problem: string };

/** Rules go to other threads and onto the disk. */
function plain(rule: unknown, kind: string): unknown {
  try {
    return structuredClone(rule);
  } catch {
    throw new Error(`the criterion \`${kind}\` gave a rule that is no plain data: expected no functions in it`);
  }
}

function parseSentence(sentence: string, plugins: readonly Criterion[], open: boolean): Parsed {
  try {
    for (const { kind, parse } of plugins) {
      const rule = parse(sentence, open);
      if (rule !== null) return { kind, rule: plain(rule, kind) };
    }
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
  const examples = plugins.map(({ example }) => example);
  const near = nearest(sentence, examples) ?? examples[0];
  return {
    problem: `\`${sentence}\` is no criterion: expected a sentence such as \`${near}\`; the others are like ${examples.map((each) => `\`${each}\``).join(", ")}`,
  };
}

/** Names that a scope may speak of: endpoints, the calls that go before them, and those that nobody asks for. */
export const endpointNames = (services: readonly Service[]): string[] =>
  services.flatMap(({ name, endpoints }) => [
    ...new Set(endpoints.map((each) => each.name)),
    `${name} login`,
    `${name} connect`,
    `${name} push`,
    `${name} ping`,
  ]);

/** Names of endpoints and metrics are known only when code gives them. */
export const hasCode = (workloads: Scenario["workloads"] = []): boolean =>
  workloads.some(({ kind }) => kind === "code");

/** The limit of exceptions, where nothing else says one: a single one in a short run is told too. */
export const exceptionLimit = (specs: readonly CriterionSpec[], { workloads }: Scenario): CriterionConfig[] =>
  hasCode(workloads) && !specs.some(({ sentence }) => /^\s*exceptions\b/.test(sentence))
    ? [{ expect: "exceptions mean < 1%", min_samples: 1 }]
    : [];

/** Names of the tasks of these workloads, which criteria may speak of as of endpoints. */
export const taskNames = (workloads: Scenario["workloads"] = []): string[] =>
  workloads.flatMap(({ tasks }) => tasks.map(({ name }) => name));

/** Why a criterion's scope names nothing in the scenario; null where it does. */
function strayScope(
  { service, endpoint, tag, phase }: Scope,
  { services, workloads = [], phases }: Scenario,
): { key: string; why: string } | null {
  const names = [...services, ...workloads].map(({ name }) => name);
  const of = services.filter(({ name }) => service === undefined || name === service);
  if (service !== undefined && !names.includes(service))
    return { key: "service", why: `no service is named \`${service}\`: ${expectedWord(service, [...new Set(names)])}` };
  const tasks = taskNames(workloads.filter(({ name }) => service === undefined || name === service));
  const endpoints = [...endpointNames(of), ...tasks];
  if (endpoint !== undefined && endpoint !== "each" && !endpoints.includes(endpoint) && !hasCode(workloads))
    return {
      key: "endpoint",
      why: `no endpoint is named \`${endpoint}\`: ${expectedWord(endpoint, ["each", ...endpoints])}`,
    };
  const tags = tagsOf({ services: of, workloads });
  if (tag !== undefined && !tags.includes(tag))
    return { key: "tag", why: `nothing has the tag \`${tag}\`: ${expectedWord(tag, tags)}` };
  const spans = phases.map(({ name }) => name);
  if (phase !== undefined && !spans.includes(phase))
    return { key: "phase", why: `no phase is named \`${phase}\`: ${expectedWord(phase, spans)}` };
  return null;
}

/** Reports scopes that name nothing anywhere in the given scenario; those of services are sought among all of the file. */
export function checkScopes(
  specs: readonly CriterionSpec[],
  scenario: Scenario,
  { path, report }: { path: Path; report: Report },
): void {
  specs.forEach((spec, index) => {
    const stray = strayScope(spec.scope, scenario);
    if (stray !== null) report([...path, index, stray.key], stray.why);
  });
}

const notJudged = ({ sentence }: CriterionSpec, why: string): Notice => ({
  kind: "not-judged",
  text: `${sentence} is not judged: ${why}`,
});

/** The criteria that the scenario can answer, and a notice for each that it cannot; its own stay whatever its shape. */
export function fitting(
  specs: readonly CriterionSpec[],
  scenario: Scenario,
  { plugins, narrowed }: { readonly plugins: readonly Criterion[]; readonly narrowed: boolean },
): { criteria: CriterionSpec[]; notices: Notice[] } {
  const criteria: CriterionSpec[] = [];
  const notices: Notice[] = [];
  for (const spec of specs) {
    const own = spec.origin === "scenario";
    const left = own && narrowed ? (strayScope(spec.scope, scenario)?.why ?? null) : null;
    const why = own ? left : unfit(spec, scenario, plugins);
    if (why === null) criteria.push(spec);
    else notices.push(notJudged(spec, why));
  }
  return { criteria, notices };
}

function unfit(spec: CriterionSpec, scenario: Scenario, plugins: readonly Criterion[]): string | null {
  const stray = strayScope(spec.scope, scenario);
  if (stray !== null) return stray.why;
  const why = plugins.find(({ kind }) => kind === spec.kind)?.unfit?.(spec.rule, scenario) ?? null;
  return why ?? (spec.kind === "recovery" && spec.origin === "default" ? recoveryTooThin(scenario) : null);
}
