/** Which calls a criterion speaks of. */
import type { RunResult, Series } from "../core/ledger.ts";
import type { CriterionSpec, Ms, OpInfo, Phase, Scope } from "../core/model.ts";
import type { Criterion } from "../core/plugin.ts";
import { isTask } from "../core/workload.ts";

/** Whether an endpoint is in the scope. */
export const covers = (scope: Scope, info: OpInfo): boolean =>
  (scope.service === undefined || scope.service === info.service) &&
  (scope.endpoint === undefined || scope.endpoint === info.name) &&
  (scope.tag === undefined || info.tags?.includes(scope.tag) === true);

const includes = (scope: Scope, phase: Phase | undefined): boolean =>
  phase !== undefined && (scope.phase === undefined ? phase.measured : scope.phase === phase.name);

/** The series of the scope: of the phase it names, else of all measured ones. */
export const seriesOf = (result: RunResult, scope: Scope): Series[] =>
  result.series.filter(
    ({ info, phase }) => covers(scope, info) && includes(scope, result.header.scenario.phases[phase]),
  );

/** Time that the phases of the scope ran, up to the end of the run. */
export const lengthOf = (result: RunResult, scope: Scope): Ms =>
  result.header.scenario.phases
    .filter((phase) => includes(scope, phase))
    .reduce((sum, { start, duration }) => sum + Math.max(0, Math.min(start + duration, result.duration) - start), 0);

/** `all endpoints`, `service api, GET /items, phase spike`. */
export function scopeInWords({ service, endpoint, tag, phase }: Scope): string {
  const parts = [service && `service ${service}`, endpoint, tag && `tag ${tag}`, phase && `phase ${phase}`];
  return parts.filter((part) => part !== undefined && part !== "").join(", ") || "all endpoints";
}

/**
 * One spec for each endpoint that gives what the rule speaks of, where the scope says `each`. Names that two services
 * share keep their service.
 */
export function expandEach(spec: CriterionSpec, ops: readonly OpInfo[], plugin: Criterion): CriterionSpec[] {
  if (spec.scope.endpoint !== "each") return [spec];
  const { endpoint: _, ...rest } = spec.scope;
  const seen = new Set<string>();
  return ops
    .filter(({ service, name }) => seen.size !== seen.add(`${service}\u0000${name}`).size)
    .filter((info) => covers(rest, info) && (plugin.applies?.(spec.rule, info) ?? !isTask(info)))
    .map(({ name, service }) => {
      const shared = ops.some((other) => other.name === name && other.service !== service);
      return { ...spec, scope: { ...rest, ...(shared && { service }), endpoint: name } };
    });
}
