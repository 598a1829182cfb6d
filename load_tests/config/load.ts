/** From the text of a config and the flags to the scenarios to run: everything is checked before anything is sent. */
import { loadFakes } from "../core/fakes.ts";
import { createMask, type Mask } from "../core/mask.ts";
import type { ReportSettings, RequestLogSettings, Scenario, Service } from "../core/model.ts";
import type { Resolver } from "../core/plugin.ts";
import type { Plugins } from "../core/plugins.ts";
import { spreadAddresses } from "./addresses.ts";
import { checkFileCriteria, checkNames, checkSchema, checkTemplates } from "./checks.ts";
import { checkVariables, variablesSchema, withDefaults } from "./declared.ts";
import { type Path, readTree, type Tree } from "./document.ts";
import { Draft, type LoadRequest } from "./draft.ts";
import { flagFindings } from "./flags.ts";
import { formatFindings } from "./formats.ts";
import { pathText, valueAt } from "./issues.ts";
import { applyHosts, applySets } from "./overrides.ts";
import { readPlugins } from "./plugins.ts";
import { ConfigError, type Finding, type Problem, toProblems } from "./problem.ts";
import { checkSteps, declaredServices, stepContext } from "./scenario_steps.ts";
import { planScenarios } from "./scenarios.ts";
import { metricsSchema, reportsSchema } from "./schema.ts";
import { flagSecrets, secretsOf, templateVariables } from "./secrets.ts";
import { chooseScenarios } from "./selection.ts";
import { resolverOfService } from "./services.ts";
import { reportSettings, requestLogSettings } from "./settings.ts";
import { scenariosTagged } from "./tags.ts";
import { readWorkloads } from "./workloads.ts";

export type { LoadRequest } from "./draft.ts";
export type { Flags } from "./flags.ts";
export { ConfigError, type Problem } from "./problem.ts";

export interface Plan {
  readonly file: string;
  /** To run, in order. */
  readonly scenarios: readonly Scenario[];
  /** All of the file. */
  readonly all: readonly { readonly name: string; readonly description: string }[];
  readonly reports: ReportSettings;
  /** Null: no log of requests is written. */
  readonly requestLog: RequestLogSettings | null;
  /** Those that the file brings, beside the ones that ship. */
  readonly plugins: Plugins;
  /** Texts that may never be shown. */
  readonly secrets: readonly string[];
  /** The variables that templates use, and no others. */
  readonly env: Readonly<Record<string, string>>;
  /** Lines to say aloud: which scenario was chosen, which services are left out. */
  readonly remarks: readonly string[];
  /** For what a service tells only once it is there. */
  late(service: Service): Late;
}

/** Mistakes of a service's config that are found when the config was already loaded. */
export interface Late {
  readonly at: Resolver;
  /** What was told to `at` so far, tied to the lines of the file. */
  problems(): Problem[];
}

/** Makes the plan of a config. Throws a ConfigError with all of its mistakes. */
export async function loadPlan(asked: LoadRequest): Promise<Plan> {
  const request = { ...asked, env: withDefaults(asked.env, asked.text) };
  const { file, text, env, flags } = request;
  const tree = readTree(text, env);
  const findings: Finding[] = flagFindings(flags);
  const drafted = tree.readable ? await planTree(request, tree) : null;
  findings.push(...(drafted?.findings ?? tree.findings));
  const secrets = [...new Set([...secretsOf(tree, env), ...flagSecrets(flags)])];
  if (drafted === null || findings.length > 0)
    throw new ConfigError(toProblems(findings, file, text, createMask(secrets)));
  const late = (service: Service) => lateMistakes(service, drafted.draft, createMask(secrets));
  return { ...drafted.plan, secrets, late };
}

function lateMistakes(service: Service, draft: Draft, mask: Mask): Late {
  const { file, text } = draft.request;
  const findings: Finding[] = [];
  const report = (path: Path, message: string) =>
    void findings.push({ place: draft.tree.places.value(path), message: `${pathText(path)}: ${message}` });
  return {
    at: resolverOfService(service, { ...stepContext(draft, service.workloads), report }),
    problems: () => toProblems(findings, file, text, mask),
  };
}

async function planTree(
  asked: LoadRequest,
  tree: Tree,
): Promise<{ plan: Omit<Plan, "secrets" | "late">; findings: readonly Finding[]; draft: Draft }> {
  const { flags, env, file } = asked;
  const setFindings = applySets(tree, flags.set ?? []);
  const hosts = applyHosts(tree, flags.host ?? []);
  const spread = spreadAddresses(tree);
  const { plugins, request, findings } = await withPlugins(asked, tree);
  const draft = new Draft(request, tree, hosts);
  for (const finding of [...setFindings, ...hosts.findings, ...findings]) draft.report(finding);
  await loadFakes(tree.value);
  checkSchema(draft);
  checkVariables(draft.parsed(["variables"], variablesSchema) ?? {}, env, (path, message) =>
    draft.reportAt(path, message),
  );
  checkTemplates(draft);
  checkNames(draft);
  draft.workloads = await readWorkloads(draft);
  const declared = await declaredServices(draft);
  const called = await checkSteps(draft);
  checkFileCriteria(
    draft,
    [...declared, ...called].map(({ service }) => service),
  );
  const chosen = choose(draft);
  const { scenarios, all, remarks } = await planScenarios(draft, declared, chosen.names);
  const own = request.formats ?? [];
  const reports = draft.parsed(["reports"], reportsSchema(own)) ?? {};
  const plan = {
    file,
    plugins,
    scenarios,
    all,
    requestLog: requestLogSettings(reports, draft),
    reports: reportSettings(reports, draft.parsed(["metrics"], metricsSchema) ?? {}, { flags, own }),
    env: Object.fromEntries([...templateVariables(tree.value).keys()].map((name) => [name, env[name] ?? ""])),
    remarks: [...spread, ...chosen.remarks, ...remarks],
  };
  return { plan, findings: draft.findings, draft };
}

/** The request with what the file's own plug-ins bring. */
async function withPlugins(
  request: LoadRequest,
  tree: Tree,
): Promise<{ plugins: Plugins; request: LoadRequest; findings: Finding[] }> {
  const findings: Finding[] = [];
  const plugins = await readPlugins(tree.value, request, (path, message) =>
    findings.push({ place: tree.places.value(path), message: `${pathText(path)}: ${message}` }),
  );
  const formats = plugins.reporters.map(({ format }) => format);
  findings.push(...formatFindings(request.flags.format, formats));
  const protocols = [...request.protocols, ...plugins.protocols];
  const criteria = [...request.criteria, ...plugins.criteria];
  return { plugins, request: { ...request, protocols, criteria, formats }, findings };
}

/** The scenarios to run; names that the file does not know are reported. */
function choose(draft: Draft): { names: readonly string[]; remarks: readonly string[] } {
  const scenarios = valueAt(draft.value, ["scenarios"]);
  const names = typeof scenarios === "object" && scenarios !== null ? Object.keys(scenarios) : [];
  const byDefault = valueAt(draft.value, ["default_scenario"]);
  const { scenario: asked, tags = [] } = draft.request.flags;
  const tagged = scenariosTagged(scenarios, tags);
  const chosen = chooseScenarios(asked ?? tagged, typeof byDefault === "string" ? byDefault : undefined, names);
  if (names.length === 0) {
    if (!draft.broken(["scenarios"])) draft.reportAt(["scenarios"], "expected at least one scenario, found none");
    return { names: [], remarks: [] };
  }
  for (const { from, message } of chosen.problems) {
    if (from === "default_scenario") draft.reportAt([from], message);
    else draft.report({ place: { flag: "--scenario" }, message });
  }
  return chosen;
}
