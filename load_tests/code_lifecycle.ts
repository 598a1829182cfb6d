/** What workloads that are code do once a run: `setup` before anything is sent, `teardown` after everything. */
import type { WorkloadRun } from "./core/code.ts";
import type { Ms, Scenario } from "./core/model.ts";
import type { WorkloadPlan } from "./core/workload.ts";
import { placeOf, reasonOf } from "./workloads/code/broken.ts";
import type { CodeSettings } from "./workloads/code/code.ts";
import { type Program, readProgram } from "./workloads/code/program.ts";

export interface CodeSetup {
  readonly runId: string;
  readonly stop: AbortSignal;
  log(line: string): void;
}

export interface CodeRun {
  /** What each `setup` returned, by the workload's name. */
  readonly shared: Readonly<Record<string, unknown>>;
  /** A sentence where a `setup` failed; nothing may be sent then. */
  readonly problem: string | null;
  /** Ends what was set up, the last first. Each has its time; what fails is said. */
  tearDown(): Promise<void>;
}

/** How long `teardown` may take. */
const PATIENCE: Ms = 10_000;

type Opened = { readonly plan: WorkloadPlan; readonly program: Program };

/** Runs the `setup` of each workload of the scenario in its order, up to the first that fails or a stop. */
export async function setUpCode(scenario: Scenario, setup: CodeSetup): Promise<CodeRun> {
  const shared: Record<string, unknown> = {};
  const through: Opened[] = [];
  let problem: string | null = null;
  for (const plan of (scenario.workloads ?? []).filter(({ kind }) => kind === "code")) {
    if (setup.stop.aborted || problem !== null) break;
    try {
      const program = await readProgram((plan.settings as CodeSettings).file);
      const made = await orStopped(setup.stop, () =>
        program.setup?.(runOf(scenario, setup, { plan, shared: undefined })),
      );
      if (setup.stop.aborted) break;
      shared[plan.name] = structuredClone(made);
      through.push({ plan, program });
    } catch (error) {
      problem = `setup of ${plan.name} failed: ${reasonOf(error)}${placeOf(error)}`;
    }
  }
  const tearDown = async (): Promise<void> => {
    for (const { plan, program } of through.splice(0).reverse())
      await endOne(scenario, setup, { plan, program, shared: shared[plan.name] });
  };
  return { shared, problem, tearDown };
}

async function endOne(
  scenario: Scenario,
  setup: CodeSetup,
  { plan, program, shared }: Opened & { readonly shared: unknown },
): Promise<void> {
  const late = new Promise((_, reject) => {
    setTimeout(() => reject(new Error(`it took longer than ${PATIENCE / 1000} s`)), PATIENCE).unref();
  });
  try {
    await Promise.race([program.teardown?.(runOf(scenario, setup, { plan, shared }) as WorkloadRun<unknown>), late]);
  } catch (error) {
    setup.log(`teardown of ${plan.name} failed: ${reasonOf(error)}${placeOf(error)}`);
  }
}

/** What `act` gives; undefined where the run is stopped before it is through. */
async function orStopped<Made>(stop: AbortSignal, act: () => Made): Promise<Awaited<Made> | undefined> {
  const stopped = new Promise<undefined>((resolve) => {
    stop.addEventListener("abort", () => resolve(undefined), { once: true });
  });
  return Promise.race([act(), stopped]);
}

function runOf<Shared>(
  scenario: Scenario,
  { runId, stop, log }: CodeSetup,
  { plan, shared }: { plan: WorkloadPlan; shared: Shared },
): WorkloadRun<Shared> {
  return {
    id: runId,
    scenario: scenario.name,
    seed: scenario.seed,
    workload: plan.name,
    hosts: Object.fromEntries(scenario.services.map(({ name, host }) => [name, host])),
    shared,
    signal: stop,
    log: (...values) => log(`${plan.name}: ${values.map(String).join(" ")}`),
  };
}
