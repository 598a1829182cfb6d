/** The flags of the command line, and what they may be. */
import { type Command, InvalidArgumentError, Option } from "commander";
import { parseDuration } from "./core/units.ts";

/** Flags of `run` and `validate` as typed; absent ones are undefined. */
export interface RunFlags extends OutputFlags {
  readonly config?: string;
  readonly scenario?: string[];
  readonly tags?: string[];
  readonly testType?: "grpc" | "rest" | "websocket" | "all";
  readonly users?: number;
  readonly spawnRate?: number;
  readonly duration?: number;
  readonly rate?: number;
  readonly iterations?: number;
  readonly once?: boolean;
  readonly host?: string[];
  readonly set?: string[];
  readonly seed?: number;
  readonly workers?: number;
  readonly logRequests?: boolean;
  readonly dryRun?: boolean;
  readonly list?: boolean;
  readonly embedded: boolean;
  /** A result, or `latest`. */
  readonly baseline?: string;
  readonly headless?: boolean;
  readonly onlySummary?: boolean;
}

/** Flags of every command that writes reports. */
export interface OutputFlags {
  readonly outputDir?: string;
  readonly format?: string[];
  readonly quiet?: boolean;
  readonly color: boolean;
  /** Files beside the run's folder; `-` is standard output. */
  readonly html?: string;
  readonly json?: string;
  /** Their common beginning. */
  readonly csv?: string;
}

/** Flags of `report`. */
export interface ReportFlags extends OutputFlags {
  readonly compare?: string;
}

/** Flags of `compare`. */
export interface CompareFlags {
  readonly with: string[];
  readonly outputDir?: string;
  readonly quiet?: boolean;
  readonly color: boolean;
}

const number = (text: string): number => {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value) || value < 0)
    throw new InvalidArgumentError("Expected a number, 0 or more.");
  return value;
};

const whole = (text: string): number => {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError("Expected a whole number.");
  return Number(text);
};

const MOST_WORKERS = 256;

const workers = (text: string): number => {
  const n = /^\d+$/.test(text) ? Number(text) : 0;
  if (n < 1 || n > MOST_WORKERS) throw new InvalidArgumentError(`Expected a whole number from 1 to ${MOST_WORKERS}.`);
  return n;
};

const duration = (text: string): number => {
  const ms = parseDuration(text);
  if (ms === undefined)
    throw new InvalidArgumentError("Expected a duration such as 500ms, 30s, 5m, 1h30m, or seconds.");
  return ms;
};

const listed = (text: string): string[] => text.split(",").map((part) => part.trim());
const collected = (text: string, before?: string[]): string[] => [...(before ?? []), text];

function option(flags: string, description: string, parse?: (text: string, before?: never) => unknown): Option {
  const made = new Option(flags, description);
  return parse === undefined ? made : made.argParser(parse as never);
}

/** The flags of output, which commands share. */
function addOutputFlags(command: Command, outputDir: string): Command {
  return addLookFlags(command, outputDir)
    .addOption(option("--format <list>", "report formats, separated by commas (default those of the config)", listed))
    .addOption(option("--html <file>", "the HTML report here too"))
    .addOption(option("--json <file>", "the JSON report here too; - is standard output, and nothing else goes there"))
    .addOption(option("--csv <prefix>", "the CSV files here too: PREFIX_stats.csv and so on"));
}

const addLookFlags = (command: Command, outputDir: string): Command =>
  command
    .addOption(option("--output-dir <dir>", outputDir))
    .addOption(option("--quiet", "print the verdict only"))
    .addOption(new Option("--no-color", "no colours (also NO_COLOR)"));

export const addReportFlags = (command: Command): Command =>
  addOutputFlags(command, "where reports go (default: the folder of the result)").addOption(
    option("--compare <baseline>", "a run to compare it with: a result file or a run's folder"),
  );

export const addCompareFlags = (command: Command): Command =>
  addLookFlags(command, "where the comparison goes (default: the folder of the first current run)").addOption(
    option("--with <current...>", "the runs after the change").makeOptionMandatory(),
  );

export function addRunFlags(command: Command): Command {
  return addOutputFlags(command, "where reports go (default reports)")
    .addOption(option("--config <file>", "config file (default config/load_test_config.yaml)"))
    .addOption(option("--scenario <name>", "scenarios to run, in order, separated by commas", listed))
    .addOption(option("--tags <list>", "only the requests, tasks and scenarios that have one of these tags", listed))
    .addOption(
      option("--test-type <type>", "which services: grpc, rest, websocket, all").choices([
        "grpc",
        "rest",
        "websocket",
        "all",
      ]),
    )
    .addOption(option("-u, --users <n>", "peak number of users", whole))
    .addOption(option("-r, --spawn-rate <rate>", "users started per second", number))
    .addOption(
      option("-d, --duration <time>", "length of the run: 500ms, 30s, 5m, 1h30m, or seconds (also -t)", duration),
    )
    .addOption(option("-i, --iterations <n>", "ends after exactly so many tasks, or calls without a workload", whole))
    .addOption(option("--once", "one user, one iteration, with its requests and answers shown"))
    .addOption(new Option("-t <time>").argParser(duration).hideHelp())
    .addOption(option("--rate <rate>", "arrivals per second, for scenarios with a rate", number))
    .addOption(option("--host <service=address>", "address of a service; may be repeated", collected))
    .addOption(new Option("-H <address>", "address, where there is one service").argParser(collected))
    .addOption(
      option(
        "--set <path=value>",
        "any value of the config, e.g. scenarios.target.users=50; may be repeated",
        collected,
      ),
    )
    .addOption(option("--seed <n>", "seed of everything random", whole))
    .addOption(
      option(
        "--workers <n>",
        "threads that share the load (default: as many as it needs and cores are there)",
        workers,
      ),
    )
    .addOption(option("--log-requests", "a line a call in results_<run id>.jsonl, and summary_<run id>.json"))
    .addOption(option("--dry-run", "check the config and print the plan, send nothing"))
    .addOption(option("--list", "list the scenarios"))
    .addOption(new Option("--no-embedded", "embedded stand-ins are an error"))
    .addOption(option("--baseline <path>", "a run to compare with: a result file, a run's folder, or `latest`"))
    .addOption(option("--only-summary", "no progress while it runs"))
    .addOption(option("--headless", "accepted: Tenfold never opens a window"));
}

export const flagsOf = (raw: Record<string, unknown>): RunFlags => {
  const { t, H, ...rest } = raw as unknown as { t?: number; H?: string[] } & RunFlags;
  const host = [...(rest.host ?? []), ...(H ?? [])];
  return { ...rest, duration: rest.duration ?? t, host: host.length > 0 ? host : undefined };
};
