/** What is checked of the file as a whole, before its scenarios. */
import type { Scenario } from "../core/model.ts";
import { endpointNames, hasCode, parseCriteria, taskNames } from "./criteria.ts";
import type { Path } from "./document.ts";
import { type Draft, startsWith } from "./draft.ts";
import { pathText, schemaFindings, valueAt } from "./issues.ts";
import { refuseLater } from "./later.ts";
import { expectedWord } from "./problem.ts";
import { type CriterionConfig, criterion } from "./scenario_schema.ts";
import { configSchema } from "./schema.ts";
import { templateVariables } from "./secrets.ts";
import { serviceNames, servicePaths } from "./services.ts";

/** Keys, types and values; words of later versions are told once and by name. What is wrong is then taken out. */
export function checkSchema(draft: Draft): void {
  const { tree, request } = draft;
  for (const { path, ...finding } of tree.findings) draft.refuse(path, finding);
  const known: Path[] = tree.findings.map(({ path }) => path).filter((path) => path.length > 0);
  const found = schemaFindings(configSchema(request.protocols, request.criteria, request.formats), tree);
  refuseLater(tree.value, (path, message) => {
    known.push(path);
    draft.refuse(path, { place: tree.places.key(path), message });
  });
  for (const { path, ...finding } of found)
    if (!known.some((each) => startsWith(path, each))) draft.refuse(path, finding);
  draft.mend();
}

/** Variables of `{{env.NAME}}` that are not set. */
export function checkTemplates(draft: Draft): void {
  for (const [name, path] of templateVariables(draft.value))
    if (draft.request.env[name] === undefined)
      draft.reportAt(path, `{{env.${name}}}: the environment variable ${name} is not set: set it`);
}

/** A name stands for one service: reports the second of two. */
export function checkNames(draft: Draft): void {
  const seen = new Map<string, Path>();
  for (const path of servicePaths(draft.value)) {
    const name = String(path.at(-1));
    const before = seen.get(name);
    const message = `the name \`${name}\` is taken by ${pathText(before ?? [])}: expected a name of its own for every service`;
    if (before !== undefined) draft.report({ place: draft.tree.places.key(path), message });
    seen.set(name, path);
  }
}

/** The file's criteria that can be read, each at its position. */
function writtenCriteria(draft: Draft): (CriterionConfig | undefined)[] {
  const list = valueAt(draft.value, ["criteria"]);
  return Array.isArray(list) ? list.map((each) => criterion.safeParse(each).data) : [];
}

/** The file's criteria: their sentences, and the names of their scopes that no scenario could have. */
export function checkFileCriteria(draft: Draft, services: Scenario["services"]): void {
  const written = writtenCriteria(draft);
  const report = (path: Path, message: string) => draft.reportAt(path, message);
  const open = hasCode(plansOf(draft));
  parseCriteria(written, {
    plugins: draft.request.criteria,
    origin: "file",
    path: ["criteria"],
    report,
    services,
    open,
  });
  const legal = {
    service: [...new Set([...serviceNames(draft.value), ...draft.workloads.keys()])],
    endpoint: ["each", ...endpointNames(services), ...taskNames(plansOf(draft))],
    phase: phaseNames(valueAt(draft.value, ["scenarios"])),
  };
  const known =
    draft.broken(["services"]) || open ? (["service", "phase"] as const) : (["service", "endpoint", "phase"] as const);
  written.forEach((each, index) => {
    for (const key of known) {
      const name = typeof each === "object" ? each[key] : undefined;
      if (name !== undefined && !legal[key].includes(name))
        report(["criteria", index, key], `no ${key} is named \`${name}\`: ${expectedWord(name, legal[key])}`);
    }
  });
}

const plansOf = ({ workloads }: Draft) => [...workloads.values()].map(({ plan }) => plan);

const USUAL = ["load", "warm_up", "level", "surge", "spike", "recovery"];

function phaseNames(scenarios: unknown): string[] {
  const each = Object.values((scenarios ?? {}) as Record<string, { phases?: { name?: unknown }[] } | null>);
  const phases = each.flatMap((scenario) => (Array.isArray(scenario?.phases) ? scenario.phases : []));
  return [...new Set([...phases.map((phase, index) => String(phase?.name ?? `phase ${index + 1}`)), ...USUAL])];
}
