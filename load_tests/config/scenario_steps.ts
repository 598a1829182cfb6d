/** What of the workloads goes into a scenario: their calls among its services, and their plans. */
import type { WorkloadPlan } from "../core/workload.ts";
import type { Path } from "./document.ts";
import type { Draft } from "./draft.ts";
import { expectedWord } from "./problem.ts";
import type { ScenarioConfig } from "./scenario_schema.ts";
import { type Declared, resolveServices, type ServiceContext, serviceNames } from "./services.ts";
import { placed, workloadNames } from "./workloads.ts";

type Report = (path: Path, message: string) => void;

/** Services that steps call; all of them where a mistake may hide a step. */
function calledIn({ workloads, findings, value }: Draft): ReadonlySet<string> {
  if (findings.length > 0 && workloadNames(value).length > 0) return new Set(serviceNames(value));
  return new Set([...workloads.values()].flatMap(({ calls }) => calls.map(({ service }) => service)));
}

const codeIn = ({ workloads }: Draft, names: readonly string[] = [...workloads.keys()]): string[] =>
  names.filter((name) => workloads.get(name)?.plan.kind === "code");

const serviceContext = (draft: Draft): ServiceContext => ({
  file: draft.request.file,
  tree: draft.value,
  places: draft.tree.places,
  protocols: draft.request.protocols,
  readable: draft.request.readable,
  called: calledIn(draft),
  code: codeIn(draft),
  report: (path: Path, message: string) => draft.reportAt(path, message),
});

/** The file's services, each resolved once. */
export const declaredServices = (draft: Draft): Promise<Declared[]> => resolveServices(serviceContext(draft));

/** The context in which services are resolved for the steps of these workloads; for their own calls without any. */
export function stepContext(draft: Draft, workloads?: readonly string[]): ServiceContext {
  if (workloads === undefined) return serviceContext(draft);
  const steps = workloads.flatMap((name) => draft.workloads.get(name)?.calls ?? []);
  return { ...serviceContext(draft), steps, code: codeIn(draft, workloads) };
}

/** Resolves the calls of all workloads, and reports what is wrong with them; the services themselves were checked. */
export async function checkSteps(draft: Draft): Promise<Declared[]> {
  if (draft.workloads.size === 0) return [];
  const report: Report = (path, message) => {
    if (path[0] === "workloads") draft.reportAt(path, message);
  };
  return resolveServices({ ...stepContext(draft, [...draft.workloads.keys()]), report });
}

/** The workloads that a scenario names, and where. */
export const namedIn = ({ workload, workloads = [], phases = [] }: ScenarioConfig): { name: string; path: Path }[] => [
  ...(workload === undefined ? [] : [{ name: workload, path: ["workload"] }]),
  ...phases.flatMap((each, i) =>
    each.workload === undefined ? [] : [{ name: each.workload, path: ["phases", i, "workload"] }],
  ),
  ...workloads.map((each, i) => ({ name: each.workload, path: ["workloads", i, "workload"] })),
];

/** The services of a scenario with workloads, for their calls alone; null where a name is none, which is reported. */
export async function calledServices(
  draft: Draft,
  config: ScenarioConfig,
  { timeout, report }: { timeout: unknown; report: Report },
): Promise<Declared[] | null> {
  const names = workloadNames(draft.value);
  let sound = true;
  for (const { name, path } of namedIn(config)) {
    if (!names.includes(name)) report(path, `no workload is named \`${name}\`: ${expectedWord(name, names)}`);
    sound &&= draft.workloads.has(name);
  }
  if (!sound) return null;
  const used = [...new Set(namedIn(config).map(({ name }) => name))];
  const declared = await resolveServices({ ...stepContext(draft, used), report: () => {} }, timeout);
  const missing = used.flatMap((name) =>
    draft.workloads.get(name)!.calls.filter((call) => !declared.some(({ calls }) => calls.includes(call))),
  );
  const isWhole = declared.every(({ service, calls }) => service.endpoints.length === calls.length);
  return missing.length > 0 || !isWhole ? null : declared.filter((each) => keeps(config, each, report));
}

/** What a workload's steps call must be among the services of its scenario. */
function keeps({ services, test_type: type = "all" }: ScenarioConfig, declared: Declared, report: Report): boolean {
  const { name, workloads = [] } = declared.service;
  const isLeftOut = services?.includes(name) === false || (type !== "all" && declared.testType !== type);
  if (declared.calls.length === 0) return !isLeftOut;
  if (services?.includes(name) === false)
    report(["services"], `the workload \`${workloads[0]}\` calls \`${name}\`, which is not among these`);
  else if (type !== "all" && declared.testType !== type)
    report(
      ["test_type"],
      `the workload \`${workloads[0]}\` calls \`${name}\`, which is of test type ${declared.testType}`,
    );
  return true;
}

/** The plans of the scenario's workloads, their calls at the places of its services. */
export function plansOf(draft: Draft, config: ScenarioConfig, declared: readonly Declared[]): WorkloadPlan[] {
  const used = [...new Set(namedIn(config).map(({ name }) => name))];
  return used.map((name) => {
    const read = draft.workloads.get(name)!;
    const targets = read.calls.map((call) => {
      const service = declared.findIndex(({ calls }) => calls.includes(call));
      return { service, endpoint: declared[service]!.calls.indexOf(call) };
    });
    return placed(read, targets);
  });
}
