/** Tenfold without its command line: a scenario run in-process, and runs compared. */
import { compareRuns } from "./compare/compare.ts";
import { DEFAULT_CONFIG, PACKAGED_CONFIG } from "./config_file.ts";
import type { ComparedRuns } from "./core/comparison.ts";
import type { RunResult } from "./core/ledger.ts";
import type { Report } from "./core/plugin.ts";
import { planOf } from "./planning.ts";
import { isReadable, readText } from "./readable.ts";
import { readEnvironment } from "./resources/environment.ts";
import { readRun } from "./result_file.ts";
import { runScenario } from "./run.ts";
import { makeTerminal } from "./terminal.ts";

export interface RunOptions {
  /** The text of a config; without it the file `config` is read. */
  readonly text?: string;
  /** A config file; by default `config/load_test_config.yaml`, else the one that comes with Tenfold. */
  readonly config?: string;
  /** The scenario, by default the one that the command line would choose. */
  readonly scenario?: string;
  readonly users?: number;
  /** Milliseconds. */
  readonly duration?: number;
  /** Arrivals per second. */
  readonly rate?: number;
  readonly seed?: number;
  /** Threads that share the load; by default as many as it needs and cores are there. */
  readonly workers?: number;
  /** Addresses by service. */
  readonly hosts?: Readonly<Record<string, string>>;
  readonly outputDir?: string;
  readonly formats?: readonly string[];
  /** Variables for `${...}` of the config; by default those of the process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Stops the run gracefully, as the first Ctrl-C does. */
  readonly signal?: AbortSignal;
  /** Hears what the command line would say on standard error. */
  readonly log?: (text: string) => void;
}

export interface RunOutcome {
  /** What the command would exit with. */
  readonly exitCode: number;
  /** Null where nothing was sent: a service was not there. */
  readonly report: Report | null;
}

/** Runs one scenario and writes its reports. Rejects with a ConfigError, whose message has all mistakes, before anything is sent. */
export async function run(options: RunOptions = {}): Promise<RunOutcome> {
  const { scenario, users, duration, rate, seed, hosts = {}, outputDir, formats, signal } = options;
  const env = options.env ?? process.env;
  const { file, text } = configOf(options);
  const flags = {
    ...{ users, duration, rate, seed, outputDir },
    ...(scenario === undefined ? {} : { scenario: [scenario] }),
    ...(formats === undefined ? {} : { format: [...formats] }),
    host: Object.entries(hosts).map(([service, address]) => `${service}=${address}`),
  };
  const plan = await planOf({ file, text, env, flags });
  const [chosen] = plan.scenarios;
  if (chosen === undefined) throw new Error("no scenario was chosen");
  const quiet = { write: (): void => {} };
  const log = options.log === undefined ? quiet : { write: options.log };
  const terminal = makeTerminal({
    stdout: quiet,
    stderr: log,
    color: false,
    quiet: options.log === undefined,
    progress: false,
    redraws: false,
  });
  const stop = signal ?? new AbortController().signal;
  return runScenario({
    plan,
    scenario: chosen,
    environment: readEnvironment(env),
    terminal,
    stop: {
      signal: stop,
      owe: () => {},
      get requested() {
        return stop.aborted;
      },
    },
    before: { report: null, said: null },
    workers: options.workers,
  });
}

function configOf({ text, config }: RunOptions): { file: string; text: string } {
  const file = config ?? (isReadable(DEFAULT_CONFIG) ? DEFAULT_CONFIG : PACKAGED_CONFIG);
  const content = text ?? readText(file);
  if (content === null) throw new Error(`${file} cannot be read: expected a config file, and the right to read it`);
  return { file: text === undefined ? file : "config", text: content };
}

/** A run as `run` gave it, or the path of a result file or of a run's folder. */
export type ComparedRun = RunResult | Report | string;

const resultOf = async (run: ComparedRun): Promise<RunResult> => {
  if (typeof run === "string") return (await readRun(run)).report.result;
  return "result" in run ? run.result : run;
};

/** Compares the runs of two sides, one or several on each: what `tenfold compare` prints and writes, as data. */
export async function compare(
  baseline: ComparedRun | readonly ComparedRun[],
  current: ComparedRun | readonly ComparedRun[],
): Promise<ComparedRuns> {
  const [before, after] = [baseline, current].map((side) =>
    Promise.all([side].flat().map((each) => resultOf(each as ComparedRun))),
  );
  return compareRuns(await before!, await after!);
}
