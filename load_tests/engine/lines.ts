/** Ops that are met only while a run goes on: names of calls and of metrics that code gives. */
import type { OpInfo } from "../core/model.ts";
import { type Line, TASK } from "../core/workload.ts";
import type { Recorder } from "./recorder.ts";
import type { MetricPlaces } from "./sample.ts";
import { placesOfTask } from "./workloads.ts";

/** Gives an op its id, the same for the same service, host, method, name, tags and metrics. */
export interface Lines {
  of(info: OpInfo, places: MetricPlaces): number;
  /** The same of a metric of a workload. */
  ofLine(line: Line, workload: string): number;
}

/** `tell` hears of each op before the first second that has it. */
export function openLines(recorder: Recorder, tell: (id: number, info: OpInfo) => void): Lines {
  const ids = new Map<string, number>();
  const byLine = new WeakMap<Line, number>();
  const of: Lines["of"] = (info, places) => {
    const { service, host = "", method, name, tags = [], metrics } = info;
    const key = [service, host, method, name, tags.join(), ...metrics.map((each) => `${each.name} ${each.unit}`)].join(
      "\u0000",
    );
    const known = ids.get(key);
    if (known !== undefined) return known;
    const id = recorder.define(places);
    ids.set(key, id);
    tell(id, info);
    return id;
  };
  return {
    of,
    ofLine(line, workload) {
      const known = byLine.get(line);
      if (known !== undefined) return known;
      const info = { ...line, service: workload, protocol: TASK.protocol };
      const id = of(info, placesOfTask(info));
      byLine.set(line, id);
      return id;
    },
  };
}
