/** `${VAR}`, `${VAR:-default}` and `$${` in the scalars of the file. */

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Substituted {
  readonly text: string;
  /** The whole scalar was one `${...}`. */
  readonly whole: boolean;
  readonly used: readonly { readonly name: string; readonly value: string }[];
  readonly unset: readonly string[];
  /** `${` that is no variable, or a default with braces, whose end cannot be told. */
  readonly broken: boolean;
}

/** A default may be a variable in its turn: `${A:-${B:-10}}`. */
const NESTED = /(?:[^}$]|\$(?!\{)|\$\{[^{}]*\})*/;
const VARIABLE = new RegExp(`\\$\\$\\{|\\$\\{([A-Za-z_]\\w*)(?::-(${NESTED.source}))?\\}|\\$\\{`, "g");

/** Replaces the variables of one scalar; undefined where there is none. */
export function substitute(scalar: string, env: Environment): Substituted | undefined {
  if (!scalar.includes("${")) return undefined;
  const used: { name: string; value: string }[] = [];
  const unset: string[] = [];
  let broken = false;
  let whole = false;
  const text = scalar.replace(VARIABLE, (match: string, name: string | undefined, fallback: string | undefined) => {
    if (match === "$${") return "${";
    if (name === undefined || hasBrace(fallback)) broken = true;
    else if (match === scalar) whole = true;
    if (name === undefined) return match;
    const found = valueFor(name, fallback, env);
    used.push(...found.used);
    unset.push(...found.unset);
    return found.text;
  });
  return { text, whole, used, unset, broken };
}

const hasBrace = (fallback = ""): boolean => fallback.replace(/\$\{[^{}]*\}/g, "").includes("{");

/** The variable's value, else its default; a variable that is set to nothing takes its default. */
function valueFor(name: string, fallback: string | undefined, env: Environment): Omit<Substituted, "whole" | "broken"> {
  const set = env[name];
  const given = set !== undefined && (set !== "" || fallback === undefined);
  if (!given && fallback === undefined) return { text: "", used: [], unset: [name] };
  const { text = fallback!, used = [], unset = [] } = (given ? undefined : substitute(fallback!, env)) ?? {};
  const value = given ? set : text;
  return { text: value, used: [...used, { name, value }], unset };
}

/** What YAML's core schema makes of a plain scalar. */
export function readScalar(text: string): string | number | boolean | null {
  if (/^(~|null|Null|NULL)?$/.test(text)) return null;
  if (/^(true|True|TRUE)$/.test(text)) return true;
  if (/^(false|False|FALSE)$/.test(text)) return false;
  if (/^[-+]?(\d+|\d+\.\d*|\.\d+)([eE][-+]?\d+)?$/.test(text) || /^0(x[\da-fA-F]+|o[0-7]+)$/.test(text))
    return Number(text);
  return text;
}
