/** All that a run is asked to measure, as one. */
import type { ProcessSelector, Reading, ResourcePlan } from "../core/resource.ts";
import { cgroup } from "./cgroup.ts";
import { generator } from "./generator.ts";
import { type Gpus, gpus } from "./gpu.ts";
import { machine } from "./machine.ts";
import { network } from "./network.ts";
import { inWords, processes } from "./processes.ts";
import type { Source, Tell } from "./source.ts";

export interface Wanted extends ResourcePlan {
  /** The stand-ins' process, where services are embedded. */
  readonly standIns: number | null;
}

export interface Sources {
  /** What all sources know of the `seconds` since they were read before. */
  read(seconds: number): Reading[];
  /** Resolves when those that answer by themselves have said their first word. */
  readonly ready: Promise<void>;
  close(): void;
}

const targetOf = (family: "target" | "embedded") => (selector: ProcessSelector) => ({
  family,
  selector,
  words: inWords(selector),
});

/** The named processes are the target; where none is named, the stand-ins are. */
function processSources({ processes: named, standIns }: Wanted, tell: Tell): (Source | null)[] {
  const own = standIns === null ? [] : [{ selector: { pid: standIns }, words: "stand-ins" }];
  const family = named.length === 0 ? "target" : "embedded";
  return [
    processes("target", named.map(targetOf("target")), tell),
    processes(
      family,
      own.map((each) => ({ ...each, family })),
      tell,
    ),
  ];
}

/** Opens every source; `tell` hears of each that was asked for and is not there. */
export function openSources(wanted: Wanted, tell: Tell): Sources {
  const groups = cgroup();
  if (wanted.asked.includes("cgroup") && groups.length === 0)
    tell("cgroup: this process is in no control group that limits it, or that can be seen");
  const gpu: Gpus | null = wanted.asked.includes("gpu") ? gpus(tell) : null;
  const sources = [generator(), machine(), network(), ...groups, ...processSources(wanted, tell), gpu].filter(
    (source) => source !== null,
  );
  return {
    read: (seconds) => sources.flatMap((source) => source.read(seconds)),
    ready: gpu?.firstWord ?? Promise.resolve(),
    close: () => {
      for (const source of sources) source.close?.();
    },
  };
}
