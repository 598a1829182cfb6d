/** Loads configs for the tests, with the small protocols of the fixtures. */
import { criteria, protocols } from "./fixtures.ts";
import { ConfigError, type Flags, type LoadRequest, loadPlan, type Plan, type Problem } from "./load.ts";

const FILE = "load.yaml";

/** One REST service that any scenario can use. */
export const API = "services: { rest: { api: { host: localhost, endpoints: [ { path: / } ] } } }";

export interface Around {
  readonly flags?: Flags;
  readonly env?: LoadRequest["env"];
}

export const load = (text: string, { flags = {}, env = {} }: Around = {}): Promise<Plan> =>
  loadPlan({ file: FILE, text, env, protocols, criteria, flags, readable: (path) => path.endsWith("there.json") });

/** The plan of one scenario named `s` of the API. */
export async function scenarioOf(words: string, around: Around = {}) {
  const { scenarios } = await load(`${API}\nscenarios:\n  s: ${words}`, around);
  return scenarios[0]!;
}

/** The error that a config gives; fails where there is none. */
export async function errorOf(text: string, around: Around = {}): Promise<ConfigError> {
  const outcome = await load(text, around).catch((error: unknown) => error);
  if (outcome instanceof ConfigError) return outcome;
  throw new Error(`expected a ConfigError, got ${outcome instanceof Error ? outcome.stack : "a plan"}`);
}

export const problemsOf = async (text: string, around: Around = {}): Promise<readonly Problem[]> =>
  (await errorOf(text, around)).problems;
