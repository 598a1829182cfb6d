/** What templates are filled from, for one iteration of one user. */
import type { User } from "../core/plugin.ts";
import type { Random } from "../core/random.ts";
import type { Values } from "../core/template.ts";
import type { Clock } from "./clock.ts";

export type ValuesOf = (user: User, iteration: number, random: Random) => Values;

export function valuesFor(clock: Clock, runId: string, env: Readonly<Record<string, string>>): ValuesOf {
  const run = { id: runId };
  return (user, iteration, random) => ({ user, run, iteration, env, random, now: clock.wall() });
}
