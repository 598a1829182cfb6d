/** A scenario of the file as a run needs it, every default written out. */

import { ENDLESS } from "../core/endless.ts";
import type { CriterionSpec, Notice, Scenario, Service } from "../core/model.ts";
import type { Criterion } from "../core/plugin.ts";
import type { ResourcePlan } from "../core/resource.ts";
import type { WorkloadPlan } from "../core/workload.ts";
import {
  checkScopes,
  defaultSentences,
  exceptionLimit,
  fitting,
  hasCode,
  parseCriteria,
  vainCriteria,
} from "./criteria.ts";
import { thinCriteria } from "./expectation.ts";
import { comparedPhases, uncompared, withHooks } from "./experiment.ts";
import { checkRows } from "./feeds.ts";
import { checkFlows, flowsOf, weighPhases } from "./flows.ts";
import { loadOf, type Report } from "./load_shape.ts";
import { rolesOf } from "./roles.ts";
import type { CriterionConfig, ScenarioConfig } from "./scenario_schema.ts";
import { layOut } from "./segments.ts";
import { isStaged, type StageSetup, type Stages, stagesOf, withoutEmpty } from "./stages.ts";

const DEFAULTS = { think: { min: 1000, max: 3000 }, grace: 30_000, maxInFlight: 10_000, seed: 1 };

export interface ScenarioContext {
  /** Where commands of its hooks are run. */
  readonly folder: string;
  readonly plugins: readonly Criterion[];
  /** The file's criteria; undefined where it has none. */
  readonly fileCriteria: readonly CriterionConfig[] | undefined;
  /** As a ratio, for the default criterion. */
  readonly errorThreshold: number;
  readonly resources: ResourcePlan;
  /** `--tags` left out a part: criteria of that part are not judged. */
  readonly narrowed: boolean;
  readonly notices: readonly Notice[];
  readonly report: Report;
}

export interface Compiled {
  readonly scenario: Scenario;
  readonly remarks: readonly string[];
}

/** `duration: 0`, or iterations without a duration: until it is stopped, or done. */
const withEnd = (config: ScenarioConfig): ScenarioConfig =>
  config.phases === undefined && (config.duration ?? (config.iterations === undefined ? 1 : 0)) === 0
    ? { ...config, duration: ENDLESS }
    : config;

interface Parts {
  readonly config: ScenarioConfig;
  readonly services: readonly Service[];
  readonly workloads: readonly WorkloadPlan[];
}

/** Compiles a scenario for the services it uses; null where its load is not sound, which is then reported. */
export function compileScenario(
  name: string,
  { config: written, services, workloads }: Parts,
  context: ScenarioContext,
): Compiled | null {
  const config = withEnd(withoutEmpty(written));
  const think = config.think_time ?? DEFAULTS.think;
  const setup = { config, services, plans: workloads, think, report: context.report };
  const laid = isStaged(written) ? stagesOf(setup) : spansOf(name, setup);
  if (laid === null) return null;
  const { flows, end, remarks = [] } = laid as Laid;
  const weighed = weighPhases(laid.phases, config, { plans: workloads, report: context.report });
  const phases = withHooks(weighed, config, context.folder);
  const bare: Scenario = {
    name,
    description: config.description ?? "",
    ...(config.tags === undefined ? {} : { tags: config.tags }),
    flows,
    phases,
    roles: rolesOf(config.roles, phases, context.report),
    ...comparedPhases(config, phases, context.report),
    services,
    ...(workloads.length === 0 ? {} : { workloads }),
    criteria: [],
    seed: config.seed ?? DEFAULTS.seed,
    maxInFlight: config.max_in_flight ?? DEFAULTS.maxInFlight,
    grace: config.grace ?? DEFAULTS.grace,
    resources: context.resources,
    duration: end,
    notices: [],
  };
  checkRows(bare, workloads, context.report);
  const { criteria, notices } = criteriaOf(bare, config, context);
  const embedded = [...new Set(services.filter((service) => service.embedded).map((service) => service.name))];
  const standIns: Notice[] =
    embedded.length === 0
      ? []
      : [{ kind: "embedded", text: `${embedded.join(", ")}: stand-ins on this machine, not your own services` }];
  const few = thinCriteria({ ...bare, criteria }).map((text): Notice => ({ kind: "few-samples", text }));
  const scenario = { ...bare, criteria, notices: [...standIns, ...notices, ...few, ...context.notices] };
  return { scenario, remarks: [...remarks, ...uncompared(config, bare), ...vainCriteria(scenario, context.plugins)] };
}

interface Laid extends Stages {
  readonly remarks?: readonly string[];
}

/** Phases at times of the plan, and the flows over them; null where the load is not sound, which is then reported. */
function spansOf(name: string, setup: StageSetup): Laid | null {
  const { config, plans, report } = setup;
  const load = loadOf(name, config, report);
  if (load === null) return null;
  const { segments, phases, short } = layOut(load.spans, { seed: config.seed ?? DEFAULTS.seed, drive: load.drive });
  const last = phases.at(-1)!;
  const end = last.start + last.duration;
  checkFlows(config, plans, load, report);
  const slow = short.map(
    (span) =>
      `${name}: phase ${span.name} reaches ${Number(span.reached.toFixed(1))} of ${span.level} users before it ends`,
  );
  return { flows: flowsOf({ ...setup, load, segments, end }), phases, end, remarks: [...load.remarks, ...slow] };
}

function criteriaOf(
  bare: Scenario,
  config: ScenarioConfig,
  context: ScenarioContext,
): { criteria: CriterionSpec[]; notices: Notice[] } {
  const { plugins, report } = context;
  const { services } = bare;
  const own = (key: "criteria" | "extra_criteria"): CriterionSpec[] => {
    const open = hasCode(bare.workloads);
    const specs = parseCriteria(config[key] ?? [], {
      plugins,
      origin: "scenario",
      path: [key],
      report,
      services,
      open,
    });
    if (!context.narrowed) checkScopes(specs, bare, { path: [key], report });
    return specs;
  };
  const read = (written: readonly CriterionConfig[], origin: CriterionSpec["origin"]) =>
    parseCriteria(written, { plugins, origin, path: [], report: () => {}, services, open: true });
  const inherited = (): CriterionSpec[] =>
    context.fileCriteria === undefined
      ? read(defaultSentences(bare, context.errorThreshold), "default")
      : read(context.fileCriteria, "file");
  const base = config.criteria === undefined ? inherited() : own("criteria");
  const all = [...base, ...own("extra_criteria")];
  return fitting([...all, ...read(exceptionLimit(all, bare), "default")], bare, context);
}
