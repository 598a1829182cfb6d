/** The whole machine: how busy its cores are, how much the host takes from them, how full its memory is. */
import { cpus, freemem, totalmem } from "node:os";
import { type Reading, reading } from "../core/resource.ts";
import { fieldsOf, growth, present, type Source, systemFile } from "./source.ts";

/** Time of all cores, in ticks of one unit. */
interface CoreTime {
  readonly busy: number;
  readonly steal: number | undefined;
  readonly total: number;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

/** The fields of the first line of `/proc/stat`; time of guests is part of the users' time. */
export function linuxCoreTime(stat: string): CoreTime | null {
  const line = /^cpu +(.+)$/m.exec(stat);
  if (line === null) return null;
  const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0] = line[1]!
    .trim()
    .split(/\s+/)
    .map(Number);
  const busy = sum([user, nice, system, irq, softirq]);
  return { busy, steal, total: sum([busy, steal, idle, iowait]) };
}

function anyCoreTime(): CoreTime | null {
  const cores = cpus();
  if (cores.length === 0) return null;
  const idle = sum(cores.map(({ times }) => times.idle));
  const total = sum(cores.map(({ times }) => sum(Object.values(times))));
  return { busy: total - idle, steal: undefined, total };
}

/** Ratio of the memory that is not to be had without swapping. */
export function memoryUsed(meminfo: string | null): number {
  const fields = meminfo === null ? null : fieldsOf(meminfo);
  const total = fields?.get("MemTotal") ?? totalmem();
  const free = fields === null ? freemem() : (fields.get("MemAvailable") ?? fields.get("MemFree") ?? 0);
  return 1 - free / total;
}

export function machine(): Source {
  const grown = { busy: growth(), steal: growth(), total: growth() };
  const cpuReadings = (): (Reading | null)[] => {
    const stat = systemFile("/proc/stat");
    const now = stat === null ? anyCoreTime() : linuxCoreTime(stat);
    const total = grown.total(now?.total);
    const share = (measure: "cpu" | "steal", ticks: number | null) =>
      ticks === null || !total
        ? null
        : reading("machine", measure, { source: "all cores", value: (100 * ticks) / total });
    return [share("cpu", grown.busy(now?.busy)), share("steal", grown.steal(now?.steal))];
  };
  return {
    read: () =>
      present([
        ...cpuReadings(),
        reading("machine", "memory", { source: "of all memory", value: 100 * memoryUsed(systemFile("/proc/meminfo")) }),
      ]),
  };
}
