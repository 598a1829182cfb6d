/** A scenario of the file as a run needs it, every default written out. */
import type { CriterionSpec, Notice, Scenario, Service } from "../core/model.ts";
import type { Criterion } from "../core/plugin.ts";
import type { ResourcePlan } from "../core/resource.ts";
import { checkScopes, defaultSentences, fitting, parseCriteria, vainCriteria } from "./criteria.ts";
import { thinCriteria } from "./expectation.ts";
import { loadOf, type Report } from "./load_shape.ts";
import { rolesOf } from "./roles.ts";
import type { CriterionConfig, ScenarioConfig } from "./scenario_schema.ts";
import { layOut } from "./segments.ts";

const DEFAULTS = { think: { min: 1000, max: 3000 }, grace: 30_000, maxInFlight: 10_000, seed: 1 };

export interface ScenarioContext {
  readonly plugins: readonly Criterion[];
  /** The file's criteria; undefined where it has none. */
  readonly fileCriteria: readonly CriterionConfig[] | undefined;
  /** As a ratio, for the default criterion. */
  readonly errorThreshold: number;
  readonly resources: ResourcePlan;
  readonly notices: readonly Notice[];
  readonly report: Report;
}

export interface Compiled {
  readonly scenario: Scenario;
  readonly remarks: readonly string[];
}

/** Compiles a scenario for the services it uses; null where its load is not sound, which is then reported. */
export function compileScenario(
  name: string,
  { config, services }: { config: ScenarioConfig; services: readonly Service[] },
  context: ScenarioContext,
): Compiled | null {
  const load = loadOf(name, config, context.report);
  if (load === null) return null;
  const { segments, phases, short } = layOut(load.spans);
  const last = phases.at(-1)!;
  const bare: Scenario = {
    name,
    description: config.description ?? "",
    flows: [
      { drive: load.drive, arrivals: config.arrivals ?? "even", segments, think: config.think_time ?? DEFAULTS.think },
    ],
    phases,
    roles: rolesOf(config.roles, phases, context.report),
    services,
    criteria: [],
    seed: config.seed ?? DEFAULTS.seed,
    maxInFlight: config.max_in_flight ?? DEFAULTS.maxInFlight,
    grace: config.grace ?? DEFAULTS.grace,
    resources: context.resources,
    duration: last.start + last.duration,
    notices: [],
  };
  const { criteria, notices } = criteriaOf(bare, config, context);
  const embedded = [...new Set(services.filter((service) => service.embedded).map((service) => service.name))];
  const standIns: Notice[] =
    embedded.length === 0
      ? []
      : [{ kind: "embedded", text: `${embedded.join(", ")}: stand-ins on this machine, not your own services` }];
  const few = thinCriteria({ ...bare, criteria }).map((text): Notice => ({ kind: "few-samples", text }));
  const scenario = { ...bare, criteria, notices: [...standIns, ...notices, ...few, ...context.notices] };
  const slow = short.map(
    (span) =>
      `${name}: phase ${span.name} reaches ${Number(span.reached.toFixed(1))} of ${span.level} users before it ends`,
  );
  return { scenario, remarks: [...load.remarks, ...slow, ...vainCriteria(scenario, context.plugins)] };
}

function criteriaOf(
  bare: Scenario,
  config: ScenarioConfig,
  context: ScenarioContext,
): { criteria: CriterionSpec[]; notices: Notice[] } {
  const { plugins, report } = context;
  const { services } = bare;
  const own = (key: "criteria" | "extra_criteria"): CriterionSpec[] => {
    const specs = parseCriteria(config[key] ?? [], { plugins, origin: "scenario", path: [key], report, services });
    checkScopes(specs, bare, { path: [key], report });
    return specs;
  };
  const read = (written: readonly CriterionConfig[], origin: CriterionSpec["origin"]) =>
    parseCriteria(written, { plugins, origin, path: [], report: () => {}, services });
  const inherited = (): CriterionSpec[] =>
    context.fileCriteria === undefined
      ? read(defaultSentences(bare, context.errorThreshold), "default")
      : read(context.fileCriteria, "file");
  const base = config.criteria === undefined ? inherited() : own("criteria");
  return fitting([...base, ...own("extra_criteria")], bare, plugins);
}
