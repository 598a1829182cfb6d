/** From what a criterion found to its verdict: the same rules of sample size and the same words for all of them. */

import type { CriterionSpec, Verdict } from "../core/model.ts";
import type { JudgeContext } from "../core/plugin.ts";
import { amounts, counted, type Unit } from "./amount.ts";
import { scopeInWords } from "./scope.ts";
import { holds, type Operator } from "./sentence.ts";

/** Samples that a criterion needs where its statistic has no need of its own. */
export const FEW = 20;

export interface Finding {
  /** What was observed, as a subject: `p95`, `error rate`. */
  readonly subject: string;
  readonly observed: number;
  readonly operator: Operator;
  readonly limit: number;
  readonly unit?: Unit;
  readonly samples: number;
  /** What a sample is, in the singular: `call`. */
  readonly sample: string;
  /** Samples needed where the spec names no number. */
  readonly needed: number;
  /** The fail is no matter of chance, so that it stands on fewer samples once the run is over. */
  readonly certain?: boolean;
  /** Why a fail may not be the service's. */
  readonly excuse?: string | null;
  /** More that the reader must know of the number. */
  readonly note?: string | undefined;
}

export type Judged = Pick<CriterionSpec, "sentence" | "scope" | "minSamples">;

/** A verdict that says why nothing can be said. */
export const unknown = ({ sentence, scope }: Judged, why: string, seen: Partial<Verdict> = {}): Verdict => ({
  ...seen,
  criterion: sentence,
  scope: scopeInWords(scope),
  status: "unknown",
  why,
});

const RELATION: Record<Operator, readonly [pass: string, fail: string, equal: string]> = {
  "<": ["is under the limit of", "is over the limit of", "is at the limit of"],
  "<=": ["is within the limit of", "is over the limit of", "is within the limit of"],
  ">": ["is above the required", "is below the required", "is no more than the required"],
  ">=": ["reaches the required", "is below the required", "reaches the required"],
  "==": ["is the required", "is not the required", "is the required"],
};

function compared(finding: Finding, held: boolean): string {
  const { subject, observed, operator, limit, unit, samples, sample, note } = finding;
  const [found, asked] = amounts(observed, limit, unit);
  const [pass, fail, equal] = RELATION[operator];
  const relation = observed === limit ? equal : held ? pass : fail;
  return `${subject} ${found} ${relation} ${asked} (${counted(samples, sample)}${note === undefined ? "" : `; ${note}`})`;
}

function tooFew(finding: Finding, needed: number): string {
  const [found] = amounts(finding.observed, finding.limit, finding.unit);
  return `only ${counted(finding.samples, finding.sample)}, and ${finding.subject} needs ${needed}: it was ${found}`;
}

/** Pass or fail by the comparison; unknown where the samples are too few, or where a fail has an excuse. */
export function decide(spec: Judged, context: Pick<JudgeContext, "over">, finding: Finding): Verdict {
  const held = holds(finding.observed, finding.operator, finding.limit);
  const { observed, limit, unit } = finding;
  const seen = { observed, limit, ...(unit !== undefined && { unit }) };
  const needed = spec.minSamples ?? finding.needed;
  const certain = !held && finding.certain === true && context.over && spec.minSamples === null;
  if (finding.samples < needed && !certain) return unknown(spec, tooFew(finding, needed), seen);
  const why = compared(finding, held);
  if (!held && finding.excuse) return unknown(spec, `${why}, but ${finding.excuse}`, seen);
  return { criterion: spec.sentence, scope: scopeInWords(spec.scope), status: held ? "pass" : "fail", ...seen, why };
}

/** The excuse of a fail by time: a slow generator makes every call look slow. */
export const slowGenerator = ({ generatorHealthy }: Pick<JudgeContext, "generatorHealthy">): string | null =>
  generatorHealthy ? null : "the generator was not healthy, so the delay may be its own";
