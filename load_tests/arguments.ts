/** The command line: commands, flags, their environment names, and what is wrong with them. */
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { closest } from "fastest-levenshtein";
import { parseDuration } from "./core/units.ts";
import { version } from "./resources/environment.ts";

/** Flags of `run` and `validate` as typed; absent ones are undefined. */
export interface RunFlags {
  readonly config?: string;
  readonly scenario?: string[];
  readonly testType?: "grpc" | "rest" | "websocket" | "all";
  readonly users?: number;
  readonly spawnRate?: number;
  readonly duration?: number;
  readonly rate?: number;
  readonly host?: string[];
  readonly set?: string[];
  readonly outputDir?: string;
  readonly format?: string[];
  readonly seed?: number;
  readonly quiet?: boolean;
  readonly color: boolean;
  readonly dryRun?: boolean;
  readonly list?: boolean;
  readonly embedded: boolean;
}

export type Invocation =
  | { readonly command: "run" | "validate"; readonly file: string | null; readonly flags: RunFlags }
  | { readonly command: "targets" }
  | { readonly command: "said"; readonly text: string }
  | { readonly command: "wrong"; readonly text: string };

const LATER_COMMANDS = ["report", "compare", "merge", "history", "serve", "agent", "init"];
const LATER_FLAGS = [
  ...["--baseline", "--workers", "--share", "--log-requests", "--ui", "--once", "-i", "--iterations", "--strict"],
  ...["--start-at", "--repeat", "--against", "--headless", "--only-summary", "--html", "--json", "--csv", "--tags"],
];

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

type Env = Readonly<Record<string, string | undefined>>;

/** The arguments that TENFOLD_<FLAG> variables stand for; typed flags come after them and win. */
function fromEnvironment(env: Env): string[] {
  const known = new Map(addRunFlags(new Command()).options.map((each) => [variableOf(each), each]));
  return Object.entries(env).flatMap(([name, value]) => {
    const flag = known.get(name);
    if (flag?.long == null || value === undefined || value === "") return [];
    return flag.isBoolean() || flag.negate ? [flag.long] : [`${flag.long}=${value}`];
  });
}

const variableOf = (flag: Option): string => `TENFOLD_${(flag.long ?? "").slice(2).replaceAll("-", "_").toUpperCase()}`;

function addRunFlags(command: Command): Command {
  return command
    .addOption(option("--config <file>", "config file (default config/load_test_config.yaml)"))
    .addOption(option("--scenario <name>", "scenarios to run, in order, separated by commas", listed))
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
    .addOption(option("--output-dir <dir>", "where reports go (default reports)"))
    .addOption(option("--format <list>", "report formats: html, json, csv", listed))
    .addOption(option("--seed <n>", "seed of everything random", whole))
    .addOption(option("--quiet", "print the verdict only"))
    .addOption(new Option("--no-color", "no colours (also NO_COLOR)"))
    .addOption(option("--dry-run", "check the config and print the plan, send nothing"))
    .addOption(option("--list", "list the scenarios"))
    .addOption(new Option("--no-embedded", "embedded stand-ins are an error"));
}

const flagsOf = (raw: Record<string, unknown>): RunFlags => {
  const { t, H, ...rest } = raw as unknown as { t?: number; H?: string[] } & RunFlags;
  const host = [...(rest.host ?? []), ...(H ?? [])];
  return { ...rest, duration: rest.duration ?? t, host: host.length > 0 ? host : undefined };
};

const COMMANDS = ["run", "validate", "targets"];

function unknownCommand(word: string): string {
  const near = closest(word, COMMANDS);
  return `"${word}" is no command of Tenfold: expected one of ${COMMANDS.join(", ")}, or flags alone. Did you mean ${near}?`;
}

/** Why these words cannot be obeyed; null if that is still open. */
function refusal(argv: readonly string[]): string | null {
  const [first = "--"] = argv;
  if (LATER_COMMANDS.includes(first)) return `\`tenfold ${first}\` is not in this version of Tenfold yet`;
  if (!first.startsWith("-") && ![...COMMANDS, "help"].includes(first)) return unknownCommand(first);
  const flag = argv.map((word) => word.split("=")[0]!).find((word) => LATER_FLAGS.includes(word));
  return flag === undefined
    ? null
    : `${flag} is not in this version of Tenfold yet; \`tenfold run --help\` lists what is`;
}

/** Flags of the environment go before those typed, after the command's name. */
function withEnvironment(argv: readonly string[], env: Env): string[] {
  const [first] = argv;
  const rest = first === "run" || first === "validate" ? argv.slice(1) : argv;
  const command = rest === argv ? "run" : first!;
  const bare = first === undefined || first.startsWith("-") || rest !== argv;
  const asks = argv.some((word) => ["--help", "-h", "--version", "-V"].includes(word));
  return bare && !(asks && rest === argv) ? [command, ...fromEnvironment(env), ...rest] : [...argv];
}

/** Reads the arguments after `tenfold`. Never throws: what is wrong comes back as a sentence. */
export function readArguments(typed: readonly string[], env: Env): Invocation {
  const argv = withEnvironment(typed, env);
  const refused = refusal(argv);
  if (refused !== null) return { command: "wrong", text: refused };
  const printed: string[] = [];
  let invocation: Invocation = { command: "said", text: "" };
  try {
    build(printed, (made) => {
      invocation = made;
    }).parse(argv, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    const text = printed.join("");
    return error.exitCode === 0
      ? { command: "said", text }
      : { command: "wrong", text: text.replace(/^error: /, "").trim() };
  }
  return invocation;
}

function build(printed: string[], found: (invocation: Invocation) => void): Command {
  const program = new Command("tenfold")
    .description("Scenario-driven load-regression tests for gRPC, REST and WebSocket services")
    .version(version)
    .exitOverride()
    .configureOutput({ writeOut: (text) => printed.push(text), writeErr: (text) => printed.push(text) });
  const command = (words: string, description: string, options = {}) =>
    program.command(words, options).description(description).copyInheritedSettings(program);
  addRunFlags(command("run", "runs scenarios, judges, reports", { isDefault: true })).action((raw) =>
    found({ command: "run", file: null, flags: flagsOf(raw) }),
  );
  addRunFlags(command("validate [file]", "checks a config and prints the plan without sending anything")).action(
    (file, raw) => found({ command: "validate", file: file ?? null, flags: flagsOf(raw) }),
  );
  command("targets", "runs the stand-in services alone, until Ctrl-C").action(() => found({ command: "targets" }));
  return program;
}
