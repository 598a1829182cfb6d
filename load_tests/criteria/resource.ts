/** `target.cpu mean < 80%`, `gpu.memory max < 90%`: what was used beside the calls, over the seconds of the measured phases. */
import { closest } from "fastest-levenshtein";
import type { RunResult } from "../core/ledger.ts";
import type { Scope } from "../core/model.ts";
import { defineCriterion } from "../core/plugin.ts";
import { RESOURCE_NAMES, RESOURCES, type ResourceSeries, type ResourceUnit, resourceUnit } from "../core/resource.ts";
import { parseDuration, parseShare, parseSize } from "../core/units.ts";
import type { Unit } from "./amount.ts";
import { decide, FEW, unknown } from "./finding.ts";
import { type Operator, splitSentence } from "./sentence.ts";
import { type Statistic, statisticName, statisticOf } from "./statistic.ts";

export interface ResourceRule {
  /** Its name, as core/resource.ts has them. */
  readonly resource: string;
  readonly statistic: Statistic;
  readonly operator: Operator;
  /** In the unit of the verdict: a share as a ratio, memory in MB. */
  readonly limit: number;
}

const EXAMPLE = "target.cpu mean < 80%";
const FAMILY = new RegExp(`^(?:${Object.keys(RESOURCES).join("|")})\\.`);
const MEGABYTE = 1024 * 1024;
/** A pass stands where at least this share of the seconds has a value. */
const COVERED = 0.9;

const expected = (what: string, found: string): Error => new Error(`expected ${what}, found "${found}"`);

const plainNumber = (text: string): number | undefined => (/^\d+(\.\d+)?$/.test(text) ? Number(text) : undefined);
const without = (text: string, unit: RegExp): number | undefined => plainNumber(text.replace(unit, "").trim());

/** A share of a core or of a whole: 100 % and more is a share of several cores. */
function shareOf(text: string): number | undefined {
  const share = parseShare(text);
  if (share !== undefined && share > 1 && !text.includes("%"))
    throw new Error(`expected a share such as 80%, found "${text}"; did you mean ${text}%?`);
  return share;
}

const megabytes = (text: string): number | undefined => {
  const bytes = parseSize(text);
  return bytes === undefined ? undefined : bytes / MEGABYTE;
};

interface Reader {
  readonly unit: Unit | undefined;
  readonly what: string;
  readonly read: (text: string) => number | undefined;
  /** From what is measured to what is judged. */
  readonly scale?: number;
}

const READERS: Readonly<Record<ResourceUnit, Reader>> = {
  "%": { unit: "ratio", what: "a share such as 80%", read: shareOf, scale: 0.01 },
  MB: { unit: "MB", what: "a size such as 512MB", read: megabytes },
  "MB/s": { unit: "MB/s", what: "a size a second such as 10MB/s", read: (text) => megabytes(text.replace(/\/s$/, "")) },
  "/s": { unit: "/s", what: "a number a second such as 5/s", read: (text) => without(text, /\s*\/s$/) },
  ms: { unit: "ms", what: "a duration such as 20ms", read: parseDuration },
  W: { unit: "W", what: "a power such as 300W", read: (text) => without(text, /W$/) },
  "°C": { unit: "°C", what: "a temperature such as 80", read: (text) => without(text, /°?C$/) },
  "": { unit: undefined, what: "a number such as 100", read: plainNumber },
};

function readerOf(resource: string): Reader {
  const unit = resourceUnit(resource);
  if (unit !== undefined) return READERS[unit];
  const legal = [...RESOURCE_NAMES, "generator.lateness"];
  throw new Error(`nothing measures "${resource}": did you mean "${closest(resource, legal)}"?`);
}

function parse(text: string): ResourceRule | null {
  const resource = /^\s*([\w.-]+)/.exec(text)?.[1] ?? "";
  if (!FAMILY.test(resource) || resource === "generator.lateness") return null;
  const reader = readerOf(resource);
  const sentence = splitSentence(text);
  const [, statistic, ...rest] = sentence?.head.split(" ") ?? [];
  if (sentence === null || statistic === undefined || rest.length > 0)
    throw expected(`a sentence such as "${EXAMPLE}"`, text.trim());
  const limit = reader.read(sentence.value);
  if (limit === undefined) throw expected(reader.what, sentence.value);
  return { resource, statistic: statisticOf(statistic), operator: sentence.operator, limit };
}

/** Its values in the measured phases, or in the one that the scope names, and how many seconds these have. */
function valuesIn(resource: string, { phase: name }: Scope, { resources, header, duration }: RunResult) {
  const spans = header.scenario.phases
    .filter((phase) => (name === undefined ? phase.measured : phase.name === name))
    .map(({ start, duration: length }) => ({ start, end: Math.min(start + length, duration) }));
  const inside = (t: number): boolean =>
    spans.some(({ start, end }) => (t - 0.5) * 1000 > start && (t - 0.5) * 1000 < end);
  const series = resources.find((each) => each.name === resource);
  const values = series === undefined ? [] : valuesOf(series).filter((_, i) => inside(series.t[i]!));
  const seconds = spans.reduce((sum, { start, end }) => sum + Math.max(0, end - start), 0) / 1000;
  return { values, seconds };
}

/** The mean of `n` seconds, and the highest of them. */
interface Used {
  readonly mean: number;
  readonly high: number;
  readonly n: number;
}

const valuesOf = ({ values, merged }: ResourceSeries): Used[] =>
  values.map((mean, i) => ({ mean, high: merged?.high[i] ?? mean, n: merged?.n[i] ?? 1 }));

const secondsIn = (values: readonly Used[]): number => values.reduce((sum, { n }) => sum + n, 0);

/** Of the seconds; a percentile takes those that were merged as so many of their mean. */
function statisticIn(statistic: Statistic, values: readonly Used[]): number {
  const total = secondsIn(values);
  if (statistic === "mean") return values.reduce((sum, { mean, n }) => sum + n * mean, 0) / total;
  if (statistic === "max") return values.reduce((most, { high }) => Math.max(most, high), Number.NEGATIVE_INFINITY);
  let rank = Math.ceil(statistic * total);
  return values
    .toSorted((a, b) => a.mean - b.mean)
    .find(({ n }) => {
      rank -= n;
      return rank <= 0;
    })!.mean;
}

const MISSING: Readonly<Record<string, string>> = {
  target: "name its process by metrics.resource_utilization: [{ process: { port: 8000 } }]",
  gpu: "nvidia-smi must be there and answer",
  grpc: "ask for it by metrics.resource_utilization: [grpc_pool]",
};

export const resource = defineCriterion<ResourceRule>({
  kind: "resource",
  example: EXAMPLE,
  parse,
  applies: () => false,
  judge({ rule, scope, ...spec }, result, context) {
    const { resource: name, statistic, operator, limit } = rule;
    const family = name.split(".")[0]!;
    const judged = { ...spec, scope: scope.phase === undefined ? {} : { phase: scope.phase } };
    const named = (verdict: ReturnType<typeof decide>) => [
      { ...verdict, scope: scope.phase === undefined ? family : `${family}, phase ${scope.phase}` },
    ];
    if (scope.endpoint !== undefined || scope.service !== undefined || scope.tag !== undefined)
      return named(unknown(judged, `${name} is of the whole run: no endpoint, service or tag has its own`));
    const { values, seconds } = valuesIn(name, scope, result);
    const samples = secondsIn(values);
    const advice = MISSING[family] === undefined ? "" : `: ${MISSING[family]}`;
    if (values.length === 0)
      return named(unknown(judged, `${name} was not measured in any second that is judged${advice}`));
    const { unit, scale = 1 } = READERS[resourceUnit(name)!];
    const verdict = decide(judged, context, {
      subject: `${name} ${statisticName(statistic)}`,
      observed: statisticIn(statistic, values) * scale,
      operator,
      limit,
      ...(unit === undefined ? {} : { unit }),
      samples,
      sample: "second",
      needed: context.over ? 1 : FEW,
    });
    const covered = samples >= COVERED * (Math.floor(seconds) - 1); // the last may be cut
    if (verdict.status !== "pass" || covered) return named(verdict);
    return named({
      ...verdict,
      status: "unknown",
      why: `${verdict.why}, but ${Math.round(seconds)} seconds are judged`,
    });
  },
});
