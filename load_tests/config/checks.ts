/** What is checked of the file as a whole, before its scenarios. */
import type { Scenario } from "../core/model.ts";
import { endpointNames, parseCriteria } from "./criteria.ts";
import type { Path } from "./document.ts";
import type { Draft } from "./draft.ts";
import { schemaFindings, valueAt } from "./issues.ts";
import { refuseLater } from "./later.ts";
import { expectedWord } from "./problem.ts";
import { fileCriteria } from "./scenario_schema.ts";
import { configSchema } from "./schema.ts";
import { templateVariables } from "./secrets.ts";

const startsWith = (path: Path, start: Path): boolean => start.every((key, index) => path[index] === key);

/** Keys, types and values; words of later versions are told once and by name. */
export function checkSchema(draft: Draft): void {
  const { tree, request } = draft;
  const later: Path[] = [];
  const found = schemaFindings(configSchema(request.protocols, request.criteria), tree);
  refuseLater(tree.value, (path, message) => {
    later.push(path);
    draft.reportAt(path, message, tree.places.key(path));
  });
  for (const { path, message, place } of found)
    if (!later.some((each) => startsWith(path, each))) draft.reportAt(path, message, place);
}

/** Variables of `{{env.NAME}}` that are not set. */
export function checkTemplates(draft: Draft): void {
  for (const [name, path] of templateVariables(draft.tree.value))
    if (draft.request.env[name] === undefined)
      draft.reportAt(path, `{{env.${name}}}: the environment variable ${name} is not set: set it`);
}

/** The file's criteria: their sentences, and services and endpoints of their scopes that no scenario could have. */
export function checkFileCriteria(draft: Draft, services: Scenario["services"]): void {
  const written = draft.parsed(["criteria"], fileCriteria) ?? [];
  parseCriteria(written, {
    plugins: draft.request.criteria,
    origin: "file",
    path: ["criteria"],
    report: (path, message) => draft.reportAt(path, message),
  });
  const names = [...new Set(services.map(({ name }) => name))];
  const endpoints = endpointNames(services);
  written.forEach((each, index) => {
    if (typeof each === "string" || draft.broken(["services"])) return;
    const { service, endpoint } = each;
    if (service !== undefined && !names.includes(service))
      draft.reportAt(
        ["criteria", index, "service"],
        `no service is named \`${service}\`: ${expectedWord(service, names)}`,
      );
    if (endpoint !== undefined && endpoint !== "each" && !endpoints.includes(endpoint))
      draft.reportAt(
        ["criteria", index, "endpoint"],
        `no endpoint is named \`${endpoint}\`: ${expectedWord(endpoint, ["each", ...endpoints])}`,
      );
  });
  checkPhases(draft);
}

/** A phase that no scenario of the file has is a mistake; one that only some have leaves the criterion out in the others. */
function checkPhases(draft: Draft): void {
  const written = draft.parsed(["criteria"], fileCriteria) ?? [];
  if (draft.broken(["scenarios"])) return;
  const names = phaseNames(valueAt(draft.tree.value, ["scenarios"]));
  written.forEach((each, index) => {
    if (typeof each === "string" || each.phase === undefined || names.includes(each.phase)) return;
    draft.reportAt(
      ["criteria", index, "phase"],
      `no phase is named \`${each.phase}\`: ${expectedWord(each.phase, names)}`,
    );
  });
}

const USUAL = ["load", "warm_up", "level", "surge", "spike", "recovery"];

function phaseNames(scenarios: unknown): string[] {
  const phases = Object.values((scenarios ?? {}) as Record<string, { phases?: { name?: string }[] } | null>).flatMap(
    (each) => each?.phases ?? [],
  );
  return [...new Set([...phases.map((phase, index) => phase.name ?? `phase ${index + 1}`), ...USUAL])];
}
