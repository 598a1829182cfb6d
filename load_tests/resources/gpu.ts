/** GPUs by `nvidia-smi`: one process that is kept open and prints a line a second for each of them. */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { type Reading, reading } from "../core/resource.ts";
import { present, type Source, type Tell } from "./source.ts";

const COMMAND = "nvidia-smi";
const FIELDS = "index,utilization.gpu,memory.used,memory.total,power.draw,temperature.gpu,name";
const ARGUMENTS = [`--query-gpu=${FIELDS}`, "--format=csv,noheader,nounits", "-l", "1"];
const LONGEST_LINE = 500;
/** Its second and ours do not begin together: a line may come just after a look. */
const MOST_SILENT_LOOKS = 1;

/** One GPU at one moment; what it does not tell is undefined. Memory in MB. */
export interface Gpu {
  readonly index: number;
  readonly utilization: number | undefined;
  readonly used: number | undefined;
  readonly total: number | undefined;
  readonly power: number | undefined;
  readonly temperature: number | undefined;
  readonly name: string;
}

/** Reads a line; `[N/A]`, `[Not Supported]` and the like are no number. Null where it is none of a GPU. */
export function parseGpu(line: string): Gpu | null {
  const [index, utilization, used, total, power, temperature, ...name] = line.split(",").map((field) => field.trim());
  if (!/^\d+$/.test(index ?? "") || name.length === 0) return null;
  const number = (text: string | undefined) => (/^\d+(\.\d+)?$/.test(text ?? "") ? Number(text) : undefined);
  return {
    index: Number(index),
    utilization: number(utilization),
    used: number(used),
    total: number(total),
    power: number(power),
    temperature: number(temperature),
    name: name.join(", "),
  };
}

const memoryShare = ({ used, total }: Gpu): number | undefined =>
  used === undefined || !total ? undefined : (100 * used) / total;

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const mean = (values: readonly number[]): number => sum(values) / values.length;
const highest = (values: readonly number[]): number => Math.max(...values);

const MEASURES = [
  { measure: "utilization", of: ({ utilization }: Gpu) => utilization, together: mean },
  { measure: "memory", of: memoryShare, together: highest },
  { measure: "memory_used", of: ({ used }: Gpu) => used, together: sum },
  { measure: "power", of: ({ power }: Gpu) => power, together: sum },
  { measure: "temperature", of: ({ temperature }: Gpu) => temperature, together: highest },
] as const;

/** Of one GPU what it tells; of several all together (utilization on average, memory and temperature of the highest, the rest as a sum), and each. */
export function gpuReadings(gpus: readonly Gpu[]): Reading[] {
  const names = [...new Set(gpus.map(({ name }) => name))].join(", ");
  const source = `${COMMAND}: ${gpus.length === 1 ? "" : `${gpus.length} x `}${names}`;
  const all = MEASURES.map(({ measure, of, together }) => {
    const values = gpus.map(of).filter((value) => value !== undefined);
    return values.length < gpus.length ? null : reading("gpu", measure, { source, value: together(values) });
  });
  if (gpus.length < 2) return present(all);
  const each = gpus.flatMap((gpu) =>
    MEASURES.map(({ measure, of }) => {
      const value = of(gpu);
      const from = { source: `${COMMAND}: ${gpu.name}`, one: String(gpu.index) };
      return value === undefined ? null : reading("gpu", measure, { ...from, value });
    }),
  );
  return present([...all, ...each]);
}

interface Heard {
  readonly gpus: Map<number, Gpu>;
  /** Times that nothing new was heard between two looks, in a row. */
  silentLooks: number;
  /** A line that tells of no GPU. */
  strange: string | null;
  /** Why the process is no longer there. */
  ended: string | null;
}

function listenTo(child: ChildProcess, heard: Heard, news: () => void): void {
  child.once("error", (error: NodeJS.ErrnoException) => {
    heard.ended = error.code === "ENOENT" ? `there is no ${COMMAND} here` : `${COMMAND} cannot run: ${error.message}`;
    news();
  });
  child.once("exit", (code, signal) => {
    heard.ended ??= `${COMMAND} ended with ${code ?? signal}`;
    news();
  });
  const stdout = child.stdout!;
  createInterface({ input: stdout }).on("line", (line) => {
    const gpu = parseGpu(line.slice(0, LONGEST_LINE));
    if (gpu !== null) {
      heard.gpus.set(gpu.index, gpu);
      heard.silentLooks = -1;
    } else if (line.trim() !== "") heard.strange = line.slice(0, 100);
    news();
  });
}

/** Why there is nothing of the GPUs. */
const silence = ({ ended, strange }: Heard): string =>
  ended ?? (strange === null ? `${COMMAND} has not answered for a second` : `${COMMAND} said "${strange}"`);

function missingMeasures(gpus: readonly Gpu[]): string | null {
  const silent = MEASURES.filter(({ of }) => gpus.some((gpu) => of(gpu) === undefined)).map(({ measure }) => measure);
  return silent.length === 0 ? null : `${COMMAND} does not tell ${silent.join(", ")} of ${gpus[0]!.name}`;
}

export interface Gpus extends Source {
  /** Resolves with the first word of the process, its first line or its end. */
  readonly firstWord: Promise<void>;
}

/** Starts the process. What is missing is told once; values that come later are taken still. */
export function gpus(tell: Tell): Gpus {
  const child = spawn(COMMAND, ARGUMENTS, { stdio: ["ignore", "pipe", "ignore"], detached: true });
  child.unref();
  const heard: Heard = { gpus: new Map(), silentLooks: 0, strange: null, ended: null };
  const told = new Set<string>();
  const once = (kind: string, text: string): void => {
    if (!told.has(kind)) tell(`gpu: ${text}`);
    told.add(kind);
  };
  const firstWord = new Promise<void>((resolve) => listenTo(child, heard, resolve));
  return {
    firstWord,
    read: () => {
      if (++heard.silentLooks > MOST_SILENT_LOOKS) heard.gpus.clear();
      const now = [...heard.gpus.values()].sort((a, b) => a.index - b.index);
      if (now.length === 0) {
        once("silence", `${silence(heard)}; nothing is known of the GPUs of that time`);
        return [];
      }
      const missing = missingMeasures(now);
      if (missing !== null) once("missing", missing);
      return gpuReadings(now);
    },
    close: () => {
      child.stdout?.destroy();
      child.kill("SIGKILL");
    },
  };
}
