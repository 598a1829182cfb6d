#!/usr/bin/env node
/** argv -> config -> run -> judge -> report -> exit code; the only process.exit. Each command reads its own code only. */
import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Invocation, readArguments } from "./arguments.ts";
import { ConfigError } from "./config/problem.ts";
import { DamagedResult } from "./core/damaged.ts";
import { terminal as inert } from "./core/escape.ts";
import { areHeld } from "./engine/ending.ts";
import { giveNoMemoryBack } from "./engine/heap.ts";
import { withDotEnv } from "./readable.ts";
import { refuse, type World } from "./world.ts";

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

async function dispatch(asked: Invocation, world: World): Promise<number> {
  switch (asked.command) {
    case "said":
      world.stdout.write(asked.text);
      return 0;
    case "wrong":
      return refuse(world, asked.text);
    case "report":
      return (await import("./report_command.ts")).runReport(asked.result, asked.flags, world);
    case "compare":
      return (await import("./compare_command.ts")).runCompare(asked.baseline, asked.flags, world);
    case "init":
      return (await import("./init_command.ts")).runInit(world, asked.flags);
    case "targets":
      return (await import("./targets_command.ts")).runTargets(world);
    case "validate":
    case "run":
      giveNoMemoryBack();
      return (await import("./run_command.ts")).runOrValidate(asked, world);
  }
}

/** Node waits for its threads, whatever holds them; a killed process has no code of its own. */
function endByForce(code: number): void {
  process.stderr.write(
    `a thread is held by the system, as in a pipe that nobody reads, and cannot be ended: this process is killed, where its exit code would have been ${code}\n`,
    () => process.kill(process.pid, "SIGKILL"),
  );
}

/** What is said and done is over; something that was left open must not keep the process. */
const LINGERS_MS = 2000;

const called = process.argv[1] === undefined ? "" : realpathSync(process.argv[1]);
if (called === fileURLToPath(import.meta.url) || /scripts[\\/]load\.js$/.test(called)) {
  const { argv, env, stdout, stderr } = process;
  for (const stream of [stdout, stderr]) stream.on("error", () => {});
  const exit = (code: number): void => {
    if (areHeld()) endByForce(code);
    else process.exit(code);
  };
  process.exitCode = await main({ argv: argv.slice(2), env, stdout, stderr, signals: process, exit });
  const through = () => stdout.writableLength + stderr.writableLength === 0;
  setInterval(() => through() && exit(process.exitCode as number), LINGERS_MS).unref();
}
