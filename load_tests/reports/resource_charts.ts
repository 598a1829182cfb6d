/** Resources as charts: those that are looked at together in one, all of them in one unit. */
import { thinned } from "../core/resource.ts";
import type { Resource } from "./resources.ts";

/** Points of seconds and values; the highest of as many samples as make the points few. */
interface ResourceLine {
  readonly name: string;
  readonly points: readonly (readonly [t_s: number, value: number])[];
}

export interface ResourceChart {
  readonly title: string;
  readonly unit: string;
  readonly series: readonly ResourceLine[];
}

const TITLES: Readonly<Record<string, string>> = {
  MB: "Memory",
  "MB/s": "Network",
  "/s": "TCP retransmits",
  ms: "Event-loop delay",
  W: "Power",
  "°C": "Temperature",
};

function titleOf({ name, unit }: Resource): string {
  if (name.startsWith("grpc.")) return "gRPC channels and calls";
  if (unit === "%") return /memory/.test(name) ? "Share of memory" : name.startsWith("gpu.") ? "GPU" : "CPU";
  return TITLES[unit] ?? (name.endsWith(".processes") ? "Processes" : "Open files");
}

function lineOf({ name, samples }: Resource, most: number): ResourceLine {
  const series = { t: samples.map(([t]) => t), values: samples.map(([, value]) => value) };
  return { name, points: thinned(series, most) };
}

/** A chart for each kind of resource that was measured, of at most `most` points. */
export function resourceCharts(resources: readonly Resource[], most: number): ResourceChart[] {
  const titled = resources.filter(({ samples }) => samples.length > 0).map((each) => ({ title: titleOf(each), each }));
  return [...new Set(titled.map(({ title }) => title))].map((title) => {
    const members = titled.filter((other) => other.title === title).map(({ each }) => each);
    return { title, unit: members[0]!.unit, series: members.map((each) => lineOf(each, most)) };
  });
}
