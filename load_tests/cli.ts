#!/usr/bin/env node
/** argv -> config -> run -> judge -> report -> exit code; the only process.exit. */
import { existsSync, realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Invocation, type RunFlags, readArguments } from "./arguments.ts";
import { type Before, findBefore } from "./before_after.ts";
import { runCompare } from "./compare_command.ts";
import { ConfigError, type Plan } from "./config/load.ts";
import { listText, planText } from "./config/plan.ts";
import { DEFAULT_CONFIG, PACKAGED_CONFIG } from "./config_file.ts";
import { DamagedResult } from "./core/damaged.ts";
import { terminal as inert } from "./core/escape.ts";
import { strayVariables } from "./environment_flags.ts";
import { exportProblem, writeExports } from "./exports.ts";
import { runInit } from "./init_command.ts";
import { olderChoice } from "./older_tools.ts";
import { planOf } from "./planning.ts";
import { readText, withDotEnv } from "./readable.ts";
import { runReport } from "./report_command.ts";
import { summaryOfRuns } from "./reports/console.ts";
import { requestLogProblem } from "./request_log.ts";
import { readEnvironment } from "./resources/environment.ts";
import { type Outcome, runScenario } from "./run.ts";
import { listenForStop } from "./signals.ts";
import { runTargets } from "./targets_command.ts";
import type { Terminal } from "./terminal.ts";
import { refuse, terminalFor, type World, worstOf } from "./world.ts";

/** Does what the arguments ask and gives the exit code. */
export async function main({ env, ...rest }: World): Promise<number> {
  const world = { ...rest, env: withDotEnv(env) };
  const invocation = readArguments(world.argv, world.env);
  try {
    return await dispatch(invocation, world);
  } catch (error) {
    if (error instanceof ConfigError) return refuse(world, error.message);
    if (error instanceof DamagedResult) return refuse(world, inert(error.message));
    world.stderr.write(`Tenfold itself broke: ${error instanceof Error ? error.stack : error}\n`);
    return 1;
  }
}

async function dispatch(invocation: Invocation, world: World): Promise<number> {
  switch (invocation.command) {
    case "said":
      world.stdout.write(invocation.text);
      return 0;
    case "wrong":
      return refuse(world, invocation.text);
    case "report":
      return runReport(invocation.result, invocation.flags, world);
    case "compare":
      return runCompare(invocation.baseline, invocation.flags, world);
    case "init":
      return runInit(world, invocation.flags);
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
  readonly flags: RunFlags;
}

async function withPlan(
  { file, flags }: Ran,
  world: World,
  act: (session: Session) => number | Promise<number>,
): Promise<number> {
  const terminal = terminalFor(world, flags);
  for (const line of strayVariables(world.env)) terminal.log(inert(line));
  const named = file ?? flags.config ?? null;
  const older = named === null && flags.scenario === undefined ? olderChoice(world.env) : null;
  if (older !== null && "problem" in older) return refuse(world, inert(older.problem));
  if (older !== null) terminal.log(older.said);
  const path = older?.file ?? configPath(named);
  if (path === null)
    return refuse(
      world,
      `${inert(named!) || "an empty name"} is not there: name a config file by --config, or leave --config out`,
    );
  const text = readText(path);
  if (text === null) return refuse(world, `${inert(path)} cannot be read: expected a file, and the right to read it`);
  if (path === PACKAGED_CONFIG && named === null)
    terminal.log(`No ${DEFAULT_CONFIG} here: the one that comes with Tenfold is used.`);
  const plan = await planOf({ file: path, text, env: world.env, flags });
  return act({ world, plan, terminal, flags });
}

function configPath(named: string | null): string | null {
  if (named !== null) return existsSync(named) ? named : null;
  return existsSync(DEFAULT_CONFIG) ? DEFAULT_CONFIG : PACKAGED_CONFIG;
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
async function runAll({ world, plan, terminal, flags }: Session): Promise<number> {
  for (const remark of plan.remarks) terminal.log(inert(remark));
  const problem = exportProblem(flags, plan.scenarios.length) ?? requestLogProblem(plan);
  if (problem !== null) return refuse(world, problem);
  const before = await baselines(plan, flags);
  const stop = listenForStop(
    world.signals,
    () => performance.now(),
    () => world.exit(105),
  );
  const environment = readEnvironment(world.env);
  const several = plan.scenarios.length > 1;
  const outcomes: Outcome[] = [];
  for (const scenario of plan.scenarios) {
    if (stop.requested) break;
    const outcome = await runScenario({
      plan,
      scenario,
      environment,
      terminal,
      stop,
      before: before.get(scenario.name)!,
      workers: flags.once === true ? 1 : flags.workers,
      once: flags.once === true,
    });
    outcomes.push(outcome);
    if (outcome.report === null) continue;
    const problems = await writeExports(outcome.report, flags, { stdout: world.stdout, several });
    for (const each of problems) terminal.log(inert(each));
    if (problems.length > 0) outcomes.push({ exitCode: 1, report: null });
  }
  const reports = outcomes.flatMap(({ report }) => (report === null ? [] : [report]));
  if (reports.length > 1) terminal.print(`\n${summaryOfRuns(reports, terminal).join("\n")}`);
  return worstOf(outcomes.map(({ exitCode }) => exitCode));
}

/** What each scenario is to be compared with, read before anything is sent. */
async function baselines({ scenarios, reports }: Plan, { baseline }: RunFlags): Promise<Map<string, Before>> {
  const found = new Map<string, Before>();
  for (const { name } of scenarios) found.set(name, await findBefore(baseline, name, reports));
  return found;
}

/** What is said and done is over; something that was left open must not keep the process. */
const LINGERS_MS = 2000;

const called = process.argv[1] === undefined ? "" : realpathSync(process.argv[1]);
if (called === fileURLToPath(import.meta.url) || /scripts[\\/]load\.js$/.test(called)) {
  const { argv, env, stdout, stderr } = process;
  for (const stream of [stdout, stderr]) stream.on("error", () => {});
  const exit = (code: number): never => process.exit(code);
  process.exitCode = await main({ argv: argv.slice(2), env, stdout, stderr, signals: process, exit });
  const through = () => stdout.writableLength + stderr.writableLength === 0;
  setInterval(() => through() && exit(process.exitCode as number), LINGERS_MS).unref();
}
