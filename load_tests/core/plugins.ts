/** The plug-ins of a run: those that ship, and those of users' own files. */
import type { Criterion, Protocol, Reporter } from "./plugin.ts";
import type { Sink } from "./sink.ts";

/** A sink of the plan; its code runs elsewhere. */
export interface SinkPlan {
  /** Absolute. */
  readonly file: string;
  /** Share of the calls that it hears of. */
  readonly sample: number;
  readonly bodies: boolean;
}

export interface Plugins {
  readonly protocols: readonly Protocol[];
  readonly criteria: readonly Criterion[];
  readonly reporters: readonly Reporter[];
  readonly sinks: readonly SinkPlan[];
  /** Files that bring protocols: each thread of the load reads them for itself. */
  readonly protocolFiles: readonly string[];
}

export const NO_PLUGINS: Plugins = { protocols: [], criteria: [], reporters: [], sinks: [], protocolFiles: [] };

/** Reads the files of `plugins:`. Rejects with a sentence that names the file and the line. */
export interface PluginFiles {
  read(file: string): Promise<Plugins>;
}

type Fields = Readonly<Record<string, unknown>>;

const has = (value: Fields, texts: readonly string[], functions: readonly string[]): boolean =>
  texts.every((key) => typeof value[key] === "string") && functions.every((key) => typeof value[key] === "function");

const EXPECTED =
  "expected its default export to be one of defineSink({ call }), defineProtocol({ kind, ... }), defineCriterion({ kind, ... }), defineReporter({ format, render }), or a list of these";

/** What a file exports, by its kinds. Throws an Error with a sentence where something of it is no plug-in. */
export function pluginsOf(exported: unknown, file: string): Plugins {
  const all = Array.isArray(exported) ? exported : [exported];
  const found = { protocols: [] as Protocol[], criteria: [] as Criterion[], reporters: [] as Reporter[] };
  const sinks: SinkPlan[] = [];
  if (all.length === 0) throw new Error(`${file}: ${EXPECTED}, found an empty list`);
  for (const each of all) {
    const value = (typeof each === "object" && each !== null ? each : {}) as Fields;
    if (has(value, ["kind", "testType"], ["resolve", "open", "probe"])) found.protocols.push(each as Protocol);
    else if (has(value, ["kind", "example"], ["parse", "judge"])) found.criteria.push(each as Criterion);
    else if (has(value, ["format"], ["render"])) found.reporters.push(each as Reporter);
    else if (has(value, [], ["call"])) sinks.push(sinkOf(each as Sink, file));
    else throw new Error(`${file}: ${EXPECTED}`);
  }
  if (sinks.length > 1) throw new Error(`${file}: expected one sink a file, found ${sinks.length}`);
  return { ...found, sinks, protocolFiles: found.protocols.length > 0 ? [file] : [] };
}

function sinkOf({ sample = 1, bodies = false }: Sink, file: string): SinkPlan {
  if (!(typeof sample === "number" && sample > 0 && sample <= 1))
    throw new Error(`${file}: expected \`sample\` to be a share over 0, at most 1, found ${String(sample)}`);
  return { file, sample, bodies: bodies === true };
}

/** All of several, in their order. */
export const together = (...parts: readonly Plugins[]): Plugins => ({
  protocols: parts.flatMap(({ protocols }) => protocols),
  criteria: parts.flatMap(({ criteria }) => criteria),
  reporters: parts.flatMap(({ reporters }) => reporters),
  sinks: parts.flatMap(({ sinks }) => sinks),
  protocolFiles: parts.flatMap(({ protocolFiles }) => protocolFiles),
});
