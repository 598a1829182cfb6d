/** What a run uses beside its calls, a value a second: CPU, memory, GPUs, channels. */

/** `%` of a core is 100 for one core; `MB` is 1024 * 1024 bytes. */
export type ResourceUnit = "%" | "MB" | "MB/s" | "/s" | "ms" | "W" | "°C" | "";

export interface ResourceInfo {
  /** `target.cpu`, or one of several: `target.nginx.cpu`, `gpu.0.memory`. */
  readonly name: string;
  /** Where the values come from, for people. */
  readonly source: string;
  readonly unit: ResourceUnit;
}

/** One value, of the second that it was read in. */
export interface Reading extends ResourceInfo {
  readonly value: number;
}

/** All values of one resource: `values[i]` is of the second that ended `t[i]` seconds into the run. Seconds without a value are left out. */
export interface ResourceSeries extends ResourceInfo {
  readonly t: readonly number[];
  readonly values: readonly number[];
  readonly mean: number;
  readonly max: number;
  /** In a run without an end, in which older values are means of some seconds. */
  readonly merged?: Merged;
}

/** By the same positions as the values: of how many seconds each is the mean, and what these had at the least and the most. */
export interface Merged {
  readonly n: readonly number[];
  readonly low: readonly number[];
  readonly high: readonly number[];
}

/** A process by its number, by its name (as `ps` shows it, or its script's), or by the TCP port that it listens on. */
export type ProcessSelector = { readonly pid: number } | { readonly name: string } | { readonly port: number };

/** What `metrics.resource_utilization` asks for. */
export interface ResourcePlan {
  readonly asked: readonly string[];
  readonly processes: readonly ProcessSelector[];
}

/** Everything that is measured, by family, with its unit. */
export const RESOURCES = {
  generator: { cpu: "%", memory: "MB", event_loop_delay: "ms", open_files: "" },
  worker: { cpu: "%", gc: "%", waiting: "%" },
  machine: {
    cpu: "%",
    steal: "%",
    memory: "%",
    received: "MB/s",
    sent: "MB/s",
    loopback: "MB/s",
    retransmits: "/s",
  },
  cgroup: { cpu: "%", cpu_share: "%", throttled: "%", memory: "MB", memory_share: "%" },
  target: { cpu: "%", memory: "MB", open_files: "", processes: "" },
  embedded: { cpu: "%", memory: "MB", open_files: "", processes: "" },
  gpu: { utilization: "%", memory: "%", memory_used: "MB", power: "W", temperature: "°C" },
  grpc: { channels: "", ready: "", connecting: "", idle: "", failing: "", in_flight: "" },
} as const satisfies Readonly<Record<string, Readonly<Record<string, ResourceUnit>>>>;

export type Family = keyof typeof RESOURCES;

const unitIn = (family: string, measure: string): ResourceUnit | undefined =>
  (RESOURCES as Readonly<Record<string, Readonly<Record<string, ResourceUnit>>>>)[family]?.[measure];

/** The unit of a resource by its name, also of one of several (`gpu.0.memory`); undefined where nothing is called so. */
export function resourceUnit(name: string): ResourceUnit | undefined {
  const parts = name.split(".");
  return parts.length < 2 ? undefined : unitIn(parts[0]!, parts.at(-1)!);
}

/** Every name, of one of its kind. */
export const RESOURCE_NAMES: readonly string[] = Object.entries(RESOURCES).flatMap(([family, measures]) =>
  Object.keys(measures).map((measure) => `${family}.${measure}`),
);

/** A reading of what RESOURCES names; `one` tells one of several apart. */
export function reading<F extends Family>(
  family: F,
  measure: keyof (typeof RESOURCES)[F] & string,
  from: { readonly source: string; readonly value: number; readonly one?: string | undefined },
): Reading {
  const name = [family, from.one, measure].filter((part) => part !== undefined).join(".");
  return { name, source: from.source, unit: unitIn(family, measure)!, value: from.value };
}

/** `values` by fewer points: the highest of as many seconds as make them at most `most`. Gaps stay gaps. */
export function thinned(series: Pick<ResourceSeries, "t" | "values" | "merged">, most: number): [number, number][] {
  const { t, merged } = series;
  const values = merged?.high ?? series.values;
  const every = Math.max(1, Math.ceil((t.at(-1) ?? 0) / most));
  const points: [number, number][] = [];
  let group = -1;
  t.forEach((at, i) => {
    const of = Math.floor((at - 1) / every);
    if (of !== group) points.push([at, values[i]!]);
    else points[points.length - 1] = [at, Math.max(points.at(-1)![1], values[i]!)];
    group = of;
  });
  return points;
}
