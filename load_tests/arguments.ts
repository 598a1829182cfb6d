/** The command line: commands, flags, their environment names, and what is wrong with them. */
import { Command, CommanderError } from "commander";
import { closest } from "fastest-levenshtein";
import { DEFAULT_CONFIG } from "./config_file.ts";
import { type Env, fromEnvironment, wrongVariable } from "./environment_flags.ts";
import type { InitFlags } from "./init_command.ts";
import { version } from "./resources/version.ts";
import {
  addCompareFlags,
  addReportFlags,
  addRunFlags,
  type CompareFlags,
  flagsOf,
  type ReportFlags,
  type RunFlags,
} from "./run_flags.ts";

export type { CompareFlags, OutputFlags, ReportFlags, RunFlags } from "./run_flags.ts";

export type Invocation =
  | { readonly command: "run" | "validate"; readonly file: string | null; readonly flags: RunFlags }
  | { readonly command: "report"; readonly result: string; readonly flags: ReportFlags }
  | { readonly command: "compare"; readonly baseline: readonly string[]; readonly flags: CompareFlags }
  | { readonly command: "init"; readonly flags: InitFlags }
  | { readonly command: "targets" }
  | { readonly command: "said"; readonly text: string }
  | { readonly command: "wrong"; readonly text: string };

const LATER_COMMANDS = ["merge", "history", "serve", "agent"];
const LATER_FLAGS = ["--share", "--ui", "--strict", "--start-at", "--repeat", "--against"];

const COMMANDS = ["run", "report", "compare", "validate", "init", "targets"];

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
  const refused = refusal(argv) ?? (argv.length > typed.length ? wrongVariable(env) : null);
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
  const { command, file = null } = invocation as Partial<Extract<Invocation, { command: "validate" }>>;
  if (command === "validate" && file !== null && typed.some((word) => /^--config(=|$)/.test(word)))
    return { command: "wrong", text: `\`validate ${file}\` beside --config: expected one of them` };
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
  addReportFlags(
    command("report <result>", "renders the reports of a run again, from its result file, folder or timeline"),
  ).action((result, flags) => found({ command: "report", result, flags }));
  addCompareFlags(
    command("compare <baseline...>", "before and after: compares runs, one or several on each side"),
  ).action((baseline, flags) => found({ command: "compare", baseline, flags }));
  command(
    "init [source]",
    "writes a starting config from a URL, an OpenAPI document, a HAR file, a curl command, a .proto file or grpc://host:port",
  )
    .option("-o, --output <file>", "where to; never over a file that is there", DEFAULT_CONFIG)
    .action((source: string | undefined, { output }) =>
      found({ command: "init", flags: { source: source ?? null, output } }),
    );
  command("targets", "runs the stand-in services alone, until Ctrl-C").action(() => found({ command: "targets" }));
  return program;
}
