/** Which objectives a call meets, counted as calls end. */
import type { SloLimit, SloRule } from "../core/slo.ts";
import { COUNTERS } from "../core/snapshot.ts";
import { feltFrom, type MetricPlaces, type Sample } from "./sample.ts";

export class Objectives {
  private readonly rules: readonly SloRule[];
  /** By op. */
  private readonly places: MetricPlaces[] = [];

  constructor(rules: readonly SloRule[]) {
    this.rules = rules;
  }

  /** Hears of a further op: gives whether they speak of values that its calls tell. */
  define(places: MetricPlaces): boolean {
    this.places.push(places);
    const limited = this.rules.flatMap(({ limits }) => limits.map(({ metric }) => metric));
    return limited.some((name) => places.names.indexOf(name) >= places.extra);
  }

  /** Adds to `counts` those that a call, which is ok, meets. */
  count(sample: Sample, counts: number[]): void {
    const { rules } = this;
    for (let i = 0; i < rules.length; i++) if (this.meetsAll(sample, rules[i]!)) counts[COUNTERS.length + i]!++;
  }

  private meetsAll(sample: Sample, { limits }: SloRule): boolean {
    for (const each of limits) if (!this.meets(sample, each)) return false;
    return true;
  }

  private meets(sample: Sample, { metric, limit, over }: SloLimit): boolean {
    const value = this.valueOf(sample, metric);
    return value === undefined || (over === true ? value > limit : value < limit);
  }

  /** Undefined where there is nothing to limit; NaN, which keeps no limit, where a first item did not come. */
  private valueOf(sample: Sample, metric: string): number | undefined {
    if (metric === "latency") return sample.ended - feltFrom(sample);
    if (metric === "service_time") return sample.ended - sample.start;
    const { names, first, gap } = this.places[sample.op]!;
    const place = names.indexOf(metric);
    if (place !== first && place !== gap) return sample.values?.[place];
    if (place < 0) return undefined;
    if (sample.first < 0) return Number.NaN;
    if (place === first) return sample.first - feltFrom(sample);
    return sample.items < 2 ? undefined : (sample.last - sample.first) / (sample.items - 1);
  }
}
