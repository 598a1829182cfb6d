/** `p95_growth < 20%/h`, `memory_growth < 20%/h`: what creeps up under level load, such as a leak. */
import type { RunResult } from "../core/ledger.ts";
import type { Phase, Scenario, Scope } from "../core/model.ts";
import { spanOf } from "../core/past.ts";
import { defineCriterion, type JudgeContext } from "../core/plugin.ts";
import { amount } from "./amount.ts";
import { median } from "./band.ts";
import { decide, slowGenerator, unknown } from "./finding.ts";
import { holds, type Operator, onlyOperators, sentenceOf } from "./sentence.ts";
import { BLOCKS, trendOf } from "./trend.ts";

export interface GrowthRule {
  readonly of: "p95" | "memory";
  readonly operator: Operator;
  /** Ratio an hour, of the level at the start. */
  readonly limit: number;
}

/** Minutes that a trend needs to be told from noise, and the least growth over them that is. */
const MINUTES = 30;
const LEAST_CERTAIN = 0.05;
const RESOLUTION = 0.1;
/** Share of the minutes that must have a value. */
const COVERED = 0.9;
const MEMORY = "target.memory";

function parse(text: string): GrowthRule | null {
  const sentence = sentenceOf(text, /(?:p95|memory)_growth/);
  if (sentence === null) return null;
  onlyOperators(sentence, ["<", "<="]);
  const share = /^(\d+(?:\.\d+)?)\s*%\s*\/\s*h$/.exec(sentence.value);
  if (share === null || Number(share[1]) === 0)
    throw new Error(`expected growth an hour such as 20%/h, found "${sentence.value}"`);
  return {
    of: sentence.head === "p95_growth" ? "p95" : "memory",
    operator: sentence.operator,
    limit: Number(share[1]) / 100,
  };
}

/** The phase that the scope names, or the longest that is measured. */
function phaseOf({ phases }: Scenario, { phase: name }: Scope): Phase | undefined {
  const judged = phases.filter((phase) => (name === undefined ? phase.measured : phase.name === name));
  return judged.reduce<Phase | undefined>(
    (longest, each) => (longest === undefined || each.duration > longest.duration ? each : longest),
    undefined,
  );
}

const isLevel = ({ flows }: Scenario, { start, duration }: Phase): boolean =>
  flows.every(({ segments }) => {
    const inside = segments.filter((each) => each.start < start + duration && each.start + each.duration > start);
    return new Set(inside.flatMap(({ from, to }) => [from, to])).size <= 1;
  });

/** Whole minutes of a phase that were run. */
const minutesOf = ({ start, duration }: Phase, end: number): number =>
  Math.max(0, Math.floor((Math.min(start + duration, end) - start) / 60_000));

const lowest = (values: readonly number[]): number | undefined =>
  values.toSorted((a, b) => a - b)[Math.ceil(0.05 * values.length) - 1];

/** As is known of seconds that were merged. */
const least = (values: readonly number[]): number | undefined =>
  values.length === 0 ? undefined : Math.min(...values);

/** Values by the minutes of a stretch; one of several minutes is in each of them. */
class Minutes {
  readonly values: number[][];
  private readonly from: number;

  constructor(from: number, minutes: number) {
    this.from = from;
    this.values = Array.from({ length: minutes }, () => []);
  }

  /** Adds the value of the `span` seconds that end at `end`. */
  add(value: number, end: number, span: number): void {
    const last = Math.floor((end - 1 - this.from) / 60);
    for (let i = Math.floor((end - span - this.from) / 60); i <= last; i++) this.values[i]?.push(value);
  }
}

/** By minute: the median of the logarithm of each second's p95. */
function latencies({ watched }: JudgeContext, minutes: Minutes): (number | undefined)[] {
  let end = 0;
  for (const second of watched ?? []) {
    end += spanOf(second);
    if (second.n > 0 && second.p95 !== undefined && second.p95 > 0)
      minutes.add(Math.log(second.p95), end, spanOf(second));
  }
  return minutes.values.map(median);
}

/** By minute: what is in use after collections of garbage, of what it was at first. */
function memory({ resources }: RunResult, minutes: Minutes): (number | undefined)[] {
  const series = resources.find(({ name }) => name === MEMORY);
  const { low, n } = series?.merged ?? { low: series?.values, n: undefined };
  series?.t.forEach((t, i) => {
    minutes.add(low![i]!, t, n?.[i] ?? 1);
  });
  const floors = minutes.values.map(n === undefined ? lowest : least);
  const first = floors.find((value) => value !== undefined && value > 0);
  return floors.map((value) => (value === undefined || first === undefined ? undefined : value / first));
}

const MISSING = {
  p95: "calls ended",
  memory: `${MEMORY} was measured (name its process by metrics.resource_utilization: [{ process: { port: 8000 } }])`,
};

export const growth = defineCriterion<GrowthRule>({
  kind: "growth",
  example: "memory_growth < 20%/h",
  parse,
  applies: ({ of }) => of === "p95",
  watches: true,
  unfit(_, scenario) {
    const phase = phaseOf(scenario, {});
    const minutes = phase === undefined ? 0 : phase.duration / 60_000;
    return minutes >= MINUTES ? null : `a trend needs ${MINUTES} min or more of level load`;
  },
  judge({ rule, ...spec }, result, context) {
    const { of, operator, limit } = rule;
    const { scenario } = result.header;
    const phase = phaseOf(scenario, spec.scope);
    if (phase === undefined) return [unknown(spec, "no phase is measured")];
    if (!isLevel(scenario, phase))
      return [unknown(spec, `load is not level in phase ${phase.name}: growth would be the load's`)];
    if (of === "memory" && (spec.scope.service !== undefined || spec.scope.endpoint !== undefined))
      return [unknown(spec, `${MEMORY} is of the whole run: no endpoint or service has its own`)];
    if (!context.over) return [unknown(spec, "growth is judged at the end")];
    const minutes = minutesOf(phase, result.duration);
    const byMinute = new Minutes(Math.round(phase.start / 1000), minutes);
    const values = of === "p95" ? latencies(context, byMinute) : memory(result, byMinute);
    const known = values.filter((value) => value !== undefined).length;
    if (minutes < Math.max(spec.minSamples ?? MINUTES, BLOCKS))
      return [unknown(spec, `a trend needs ${MINUTES} min, and phase ${phase.name} ran ${minutes} whole minutes`)];
    const trend = trendOf(values);
    if (trend === null || known < COVERED * minutes)
      return [unknown(spec, `${known} of ${minutes} minutes are known in which ${MISSING[of]}`)];
    const whole = of === "p95" ? Math.expm1(trend.growth) : trend.growth;
    const hours = minutes / 60;
    const observed = whole / hours;
    const told = holds(observed, operator, limit) ? tooFine(limit, hours) : unproven(trend.certain, whole);
    const verdict = decide(spec, context, {
      subject: `${of} growth an hour`,
      observed,
      operator,
      limit,
      unit: "ratio",
      samples: known,
      sample: "minute",
      needed: BLOCKS,
      note: `${amount(whole, "ratio")} in all`,
      excuse: (of === "p95" ? slowGenerator(context) : null) ?? told,
    });
    return verdict.status === "pass" && told !== null
      ? [{ ...verdict, status: "unknown", why: `${verdict.why}, but ${told}` }]
      : [verdict];
  },
});

/** A limit that the run was too short to tell from noise. */
const tooFine = (limit: number, hours: number): string | null =>
  limit * hours >= RESOLUTION
    ? null
    : `growth of less than ${amount(RESOLUTION, "ratio")} is not told from noise: run ${Math.ceil((60 * RESOLUTION) / limit)} min or longer`;

const unproven = (certain: boolean, whole: number): string | null =>
  certain && whole > LEAST_CERTAIN ? null : "it goes up and down as much: a longer run would tell";
