/** `variables`: what the file says of the environment that it asks for. */
import { parseDocument } from "yaml";
import { z } from "zod";
import type { Path } from "./document.ts";
import { expectedWord } from "./problem.ts";
import type { Environment } from "./variables.ts";

const text = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const name = z.string().regex(/^[A-Za-z_]\w*$/, "expected the name of a variable");

export const variablesSchema = z.record(
  name,
  z.strictObject({
    default: text.optional().describe("Where it is not set, or empty"),
    one_of: z.array(text).min(1).optional().describe("What it may be"),
    number: z.literal(true).optional().describe("It is a number of 0 or more, where it is set"),
    needed_when: z.record(name, text).optional().describe("It may not be empty where other variables are such"),
  }),
);
type Declared = z.output<typeof variablesSchema>;

/** The environment with the file's own defaults below it. What is wrong with them is told where the file is checked. */
export function withDefaults(env: Environment, file: string): Environment {
  const declared = declaredIn(file);
  const defaults = Object.entries(declared).flatMap(([name, { default: value }]) =>
    value === undefined || (env[name] ?? "") !== "" ? [] : [[name, value]],
  );
  return { ...env, ...Object.fromEntries(defaults) };
}

function declaredIn(file: string): Declared {
  if (!/^variables\s*:/m.test(file)) return {};
  try {
    const written: unknown = parseDocument(file, { logLevel: "silent" }).toJS({ maxAliasCount: 1000 });
    return variablesSchema.safeParse(Object(written).variables).data ?? {};
  } catch {
    return {};
  }
}

/** Reports values that the file does not take. */
export function checkVariables(
  declared: Declared,
  env: Environment,
  report: (path: Path, message: string) => void,
): void {
  for (const [name, { one_of: legal, number, needed_when: when = {} }] of Object.entries(declared)) {
    const value = env[name] ?? "";
    if (number && !/^(\d+(\.\d+)?)?$/.test(value))
      report(["variables", name], `the variable ${name} is "${value}": expected a number of 0 or more`);
    if (legal !== undefined && !legal.includes(value))
      report(["variables", name], `the variable ${name} is "${value}": ${expectedWord(value, legal)}`);
    const asking = Object.entries(when);
    if (value === "" && asking.length > 0 && asking.every(([other, wanted]) => env[other] === wanted))
      report(
        ["variables", name],
        `the variable ${name} is not set: expected a value where ${asking.map(([other, wanted]) => `${other} is ${wanted}`).join(" and ")}`,
      );
  }
}
