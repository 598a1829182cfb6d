/** Which scenarios of the file are to run, and which services each of them uses. */
import type { Service } from "../core/model.ts";
import { expectedWord } from "./problem.ts";
import type { ScenarioConfig } from "./scenario_schema.ts";
import type { Declared } from "./services.ts";

const ALIASES: Readonly<Record<string, string>> = { ramp: "ramp_up" };

export interface Chosen {
  readonly names: readonly string[];
  readonly remarks: readonly string[];
  readonly problems: readonly { readonly from: "flag" | "default_scenario"; readonly message: string }[];
}

const known = (name: string, names: readonly string[]): string | undefined => {
  if (names.includes(name)) return name;
  const alias = Object.hasOwn(ALIASES, name) ? ALIASES[name] : undefined;
  return alias !== undefined && names.includes(alias) ? alias : undefined;
};

/** The scenarios asked for, else the default one, else the only one, else `baseline`. */
export function chooseScenarios(
  asked: readonly string[] | undefined,
  byDefault: string | undefined,
  names: readonly string[],
): Chosen {
  const missing = (name: string) => `no scenario is named \`${name}\`: ${expectedWord(name, names)}`;
  if (asked !== undefined && asked.length > 0) {
    const found = asked.map((name) => known(name, names));
    const problems = asked
      .filter((_, index) => found[index] === undefined)
      .map((name) => ({ from: "flag", message: missing(name) }) as const);
    return { names: [...new Set(found.filter((name) => name !== undefined))], remarks: [], problems };
  }
  if (byDefault !== undefined) {
    const name = known(byDefault, names);
    const say = `no scenario was named: running ${byDefault}, the file's default_scenario`;
    return name === undefined
      ? { names: [], remarks: [], problems: [{ from: "default_scenario", message: missing(byDefault) }] }
      : { names: [name], remarks: [say], problems: [] };
  }
  const only = names.length === 1 ? names[0] : names.includes("baseline") ? "baseline" : undefined;
  if (only === undefined)
    return {
      names: [],
      remarks: [],
      problems: [{ from: "flag", message: `name a scenario: expected one of ${names.join(", ")}` }],
    };
  const why = names.length === 1 ? "the only one of the file" : "the default";
  return { names: [only], remarks: [`no scenario was named: running ${only}, ${why}`], problems: [] };
}

export interface Kept {
  readonly services: readonly Service[];
  /** Embedded services left out because others were given addresses. */
  readonly leftOut: readonly string[];
}

/** The services of a scenario: its own list, of its test type, and without stand-ins where `named` ones have addresses. */
export function servicesOf(declared: readonly Declared[], config: ScenarioConfig, named: ReadonlySet<string>): Kept {
  const type = config.test_type ?? "all";
  const wanted = declared
    .filter(({ service }) => config.services === undefined || config.services.includes(service.name))
    .filter(({ testType }) => type === "all" || testType === type);
  const kept = wanted.filter(({ service }) => named.size === 0 || named.has(service.name) || !service.embedded);
  const leftOut = wanted.filter((each) => !kept.includes(each)).map(({ service }) => service.name);
  return { services: kept.map(({ service }) => service), leftOut: [...new Set(leftOut)] };
}
