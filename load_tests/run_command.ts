/** `tenfold run` and `tenfold validate`: a config made into a plan, which is shown or run. */
import { existsSync } from "node:fs";
import type { Invocation, RunFlags } from "./arguments.ts";
import { type Before, findBefore } from "./before_after.ts";
import type { Plan } from "./config/load.ts";
import { listText, planText } from "./config/plan.ts";
import { DEFAULT_CONFIG, PACKAGED_CONFIG } from "./config_file.ts";
import { terminal as inert } from "./core/escape.ts";
import { strayVariables } from "./environment_flags.ts";
import { exportProblem, writeExports } from "./exports.ts";
import { olderChoice } from "./older_tools.ts";
import { planOf } from "./planning.ts";
import { readText } from "./readable.ts";
import { summaryOfRuns } from "./reports/console.ts";
import { requestLogProblem } from "./request_log.ts";
import { readEnvironment } from "./resources/environment.ts";
import { runScenario } from "./run.ts";
import type { Outcome } from "./run_setup.ts";
import { listenForStop } from "./signals.ts";
import { type Terminal, terminalFor } from "./terminal.ts";
import { refuse, type World, worstOf } from "./world.ts";

type Asked = Extract<Invocation, { command: "run" | "validate" }>;

interface Session {
  readonly world: World;
  readonly plan: Plan;
  readonly terminal: Terminal;
  readonly flags: RunFlags;
}

/** Does what was asked and gives the exit code. Throws a ConfigError before anything is sent. */
export function runOrValidate(asked: Asked, world: World): Promise<number> {
  const { dryRun, list } = asked.flags;
  if (asked.command === "validate") return withPlan(asked, world, showPlan);
  return withPlan(asked, world, list ? showList : dryRun ? showPlan : runAll);
}

async function withPlan(
  { file, flags }: Asked,
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
