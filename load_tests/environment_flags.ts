/** TENFOLD_<FLAG> variables: the arguments that they stand for, and what is wrong with them. */
import { Command, CommanderError, type Option } from "commander";
import { closest } from "fastest-levenshtein";
import { addRunFlags } from "./run_flags.ts";

export type Env = Readonly<Record<string, string | undefined>>;

const variableOf = (flag: Option): string => `TENFOLD_${(flag.long ?? "").slice(2).replaceAll("-", "_").toUpperCase()}`;

const knownFlags = (): Map<string, Option> =>
  new Map(
    addRunFlags(new Command())
      .options.filter(({ long }) => long != null)
      .map((each) => [variableOf(each), each]),
  );

/** By variable, the argument that it stands for; those that are empty or say no stand for none. */
function argumentsOf(env: Env): [string, string][] {
  const known = knownFlags();
  return Object.entries(env).flatMap(([name, value]): [string, string][] => {
    const flag = known.get(name);
    if (flag === undefined || value === undefined || value === "") return [];
    if (flag.isBoolean() || flag.negate) return /^(0|false|no|off)$/i.test(value) ? [] : [[name, flag.long!]];
    return [[name, `${flag.long}=${value}`]];
  });
}

/** The arguments that variables stand for; typed flags come after them and win. */
export const fromEnvironment = (env: Env): string[] => argumentsOf(env).map(([, argument]) => argument);

/** What is wrong with the value of a variable, by its name; null where nothing is. */
export function wrongVariable(env: Env): string | null {
  for (const [name, argument] of argumentsOf(env)) {
    try {
      const silent = { writeErr: () => {}, writeOut: () => {} };
      addRunFlags(new Command().exitOverride().configureOutput(silent)).parse([argument], { from: "user" });
    } catch (error) {
      if (!(error instanceof CommanderError)) throw error;
      const [, expected = error.message] = / is invalid\. (.*)$/s.exec(error.message) ?? [];
      return `${name}: ${JSON.stringify(env[name])} is no value of it. ${expected}`;
    }
  }
  return null;
}

/** A line for each variable that begins like ours and names no flag. */
export function strayVariables(env: Env): string[] {
  const known = [...knownFlags().keys()];
  return Object.keys(env)
    .filter((name) => name.startsWith("TENFOLD_") && !known.includes(name))
    .map((name) => `${name} names no flag and is not heeded; did you mean ${closest(name, known)}?`);
}
