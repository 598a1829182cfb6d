#!/usr/bin/env node
/** argv -> config -> run -> judge -> report -> exit code; the only process.exit. */
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseEnv } from "node:util";
import { type Invocation, type RunFlags, readArguments } from "./arguments.ts";
import { ConfigError, loadPlan, type Plan } from "./config/load.ts";
import { listText, planText } from "./config/plan.ts";
import { terminal as inert } from "./core/escape.ts";
import { criteria, protocols } from "./registry.ts";
import { summaryOfRuns } from "./reports/console.ts";
import { readEnvironment } from "./resources/environment.ts";
import { type Outcome, runScenario } from "./run.ts";
import { listenForStop, type SignalSource } from "./signals.ts";
import { runTargets } from "./targets_command.ts";
import { makeTerminal, type Output, type Terminal } from "./terminal.ts";

/** Everything of the outside world that the command line needs. */
export interface World {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly signals: SignalSource;
  /** Ends the process at once. */
  exit(code: number): void;
}

const DEFAULT_CONFIG = "config/load_test_config.yaml";
const PACKAGED_CONFIG = fileURLToPath(new URL(`../${DEFAULT_CONFIG}`, import.meta.url));
/** Exit codes, the worst first. */
const WORST_FIRST = [1, 105, 104, 99, 98, 97, 0];

/** Does what the arguments ask and gives the exit code. */
export async function main(world: World): Promise<number> {
  const invocation = readArguments(world.argv, world.env);
  try {
    return await dispatch(invocation, world);
  } catch (error) {
    if (error instanceof ConfigError) return refuse(world, error.message);
    world.stderr.write(`Tenfold itself broke: ${error instanceof Error ? error.stack : error}\n`);
    return 1;
  }
}

function refuse({ stderr }: World, text: string): number {
  stderr.write(`${text}\n`);
  return 104;
}

async function dispatch(invocation: Invocation, world: World): Promise<number> {
  switch (invocation.command) {
    case "said":
      world.stdout.write(invocation.text);
      return 0;
    case "wrong":
      return refuse(world, invocation.text);
    case "targets":
      return runTargets(world);
    case "validate":
      return withPlan(invocation, world, showPlan);
    case "run": {
      const { dryRun, list } = invocation.flags;
      return withPlan(invocation, world, list ? showList : dryRun ? showPlan : runAll);
    }
  }
}

type Ran = Extract<Invocation, { command: "run" | "validate" }>;

interface Session {
  readonly world: World;
  readonly plan: Plan;
  readonly terminal: Terminal;
}

async function withPlan(
  { file, flags }: Ran,
  world: World,
  act: (session: Session) => number | Promise<number>,
): Promise<number> {
  const { stdout, stderr } = world;
  const env = { ...dotEnv(), ...world.env };
  const terminal = makeTerminal({ stdout, stderr, color: colorful(world, flags), quiet: flags.quiet === true });
  const named = file ?? flags.config ?? null;
  const path = configPath(named);
  if (path === null)
    return refuse(world, `${inert(named!)} is not there: name a config file by --config, or leave --config out`);
  if (path === PACKAGED_CONFIG && named === null)
    terminal.log(`No ${DEFAULT_CONFIG} here: the one that comes with Tenfold is used.`);
  const plan = await loadPlan({
    file: path,
    text: readFileSync(path, "utf8"),
    env,
    protocols,
    criteria,
    flags,
    readable: existsSync,
  });
  for (const remark of plan.remarks) terminal.log(inert(remark));
  return act({ world, plan, terminal });
}

function configPath(named: string | null): string | null {
  if (named !== null) return existsSync(named) ? named : null;
  return existsSync(DEFAULT_CONFIG) ? DEFAULT_CONFIG : PACKAGED_CONFIG;
}

/** Variables of a `.env` file in the working directory; those of the environment beat them. */
function dotEnv(): Record<string, string | undefined> {
  return existsSync(".env") ? parseEnv(readFileSync(".env", "utf8")) : {};
}

function colorful({ env, stdout }: World, { color }: RunFlags): boolean {
  if (!color || (env.NO_COLOR ?? "") !== "") return false;
  return stdout.isTTY === true || (env.FORCE_COLOR ?? "") !== "";
}

function showPlan({ plan, terminal }: Session): number {
  for (const scenario of plan.scenarios) terminal.print(planText(plan, scenario));
  return 0;
}

function showList({ plan, terminal }: Session): number {
  terminal.print(listText(plan));
  return 0;
}

/** Runs the scenarios in order; a stop skips those that have not begun. */
async function runAll({ world, plan, terminal }: Session): Promise<number> {
  const stop = listenForStop(
    world.signals,
    () => performance.now(),
    () => world.exit(105),
  );
  const environment = readEnvironment(world.env);
  const outcomes: Outcome[] = [];
  for (const scenario of plan.scenarios) {
    if (stop.requested) break;
    outcomes.push(await runScenario({ plan, scenario, environment, terminal, stop }));
  }
  const reports = outcomes.flatMap(({ report }) => (report === null ? [] : [report]));
  if (reports.length > 1) terminal.print(`\n${summaryOfRuns(reports, terminal).join("\n")}`);
  return WORST_FIRST.find((code) => outcomes.some(({ exitCode }) => exitCode === code)) ?? 1;
}

const called = process.argv[1] === undefined ? "" : realpathSync(process.argv[1]);
if (called === fileURLToPath(import.meta.url) || /scripts[\\/]load\.js$/.test(called)) {
  const { argv, env, stdout, stderr } = process;
  for (const stream of [stdout, stderr]) stream.on("error", () => {});
  const exit = (code: number): never => process.exit(code);
  process.exitCode = await main({ argv: argv.slice(2), env, stdout, stderr, signals: process, exit });
}
