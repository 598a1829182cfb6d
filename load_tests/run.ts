/** Runs one scenario from its plan to its verdict: stand-ins, readiness, load, judgement, reports. */
import { randomBytes } from "node:crypto";
import { type CodeRun, setUpCode } from "./code_lifecycle.ts";
import { terminal as inert } from "./core/escape.ts";
import { createMask, maskDeep } from "./core/mask.ts";
import type { OpInfo, RunHeader, Scenario, Service } from "./core/model.ts";
import { askDialects } from "./dialect.ts";
import { drive, type MeasuredSetup, tellOf } from "./drive.ts";
import { startEmbedded } from "./engine/embedded.ts";
import { prepareFleet } from "./engine/fleet.ts";
import { limitWarnings, readLimits } from "./engine/machine_limits.ts";
import { waitForReady } from "./engine/ready.ts";
import { servicesByHost } from "./engine/served.ts";
import { workersFor } from "./engine/worker_count.ts";
import { type Judgement, startJudgement } from "./judgement.ts";
import { startListening, tapFor } from "./listening.ts";
import { notSetUp, notThere } from "./nothing_sent.ts";
import { openRecord } from "./record.ts";
import { startLines } from "./reports/console.ts";
import { finish } from "./run_end.ts";
import { type Outcome, pluginsOf, type RunSetup } from "./run_setup.ts";
import { startSampling } from "./sampling.ts";
import { settleServices } from "./settle.ts";

export async function runScenario(setup: RunSetup): Promise<Outcome> {
  const embedded = await startEmbedded(setup.scenario.services);
  const sampling = startSampling(setup.scenario, embedded.pid);
  try {
    const tell = (sentence: string) => setup.terminal.log(inert(sentence));
    const services = await askDialects(embedded.services, setup.stop.signal, tell);
    const missing = await waitForReady(servicesByHost(services), pluginsOf(setup).protocols, setup.stop.signal);
    if (setup.stop.requested) return { exitCode: 105, report: null };
    if (missing.length > 0) return notThere(setup, missing);
    const settled = await settleServices(services, setup.plan, setup.stop.signal);
    if (setup.stop.requested) return { exitCode: 105, report: null };
    if (settled.missing.length > 0) return notThere(setup, settled.missing);
    return await runAgainst({ ...setup, sampling }, settled.services);
  } finally {
    await (await sampling).close();
    embedded.close();
  }
}

const ONE_COMPARISON = "compare_phases is left out: --baseline compares this run with another";

async function runAgainst(setup: MeasuredSetup, services: readonly Service[]): Promise<Outcome> {
  const { plan, terminal } = setup;
  const judgement = startJudgement({ ...setup.scenario, services }, plan.reports, pluginsOf(setup).criteria);
  const runId = plan.requestLog?.runId ?? randomBytes(8).toString("hex");
  const log = (line: string) => terminal.log(inert(createMask(plan.secrets).text(line)));
  const code = await setUpCode(judgement.scenario, { runId, stop: setup.stop.signal, log });
  try {
    if (setup.stop.requested) return { exitCode: 105, report: null };
    if (code.problem !== null) return notSetUp(setup, code.problem);
    return await runPrepared(setup, { judgement, runId, code });
  } finally {
    await code.tearDown();
  }
}

async function runPrepared(
  setup: MeasuredSetup,
  { judgement, runId, code }: { judgement: Judgement; runId: string; code: CodeRun },
): Promise<Outcome> {
  const { plan, terminal } = setup;
  const { requestLog, secrets, env, plugins } = plan;
  const { protocolFiles } = plugins;
  const tap = tapFor(plan);
  const once = setup.once === true;
  const { scenario } = judgement;
  const job = { scenario, share: { index: 0, of: 1 }, runId, secrets, env, once, shared: code.shared, protocolFiles };
  const { workers, why } = workersFor(judgement.scenario, setup.environment.cpus, setup.workers);
  if (why !== null) terminal.log(why);
  const fleet = await prepareFleet(tap === undefined ? job : { ...job, tap }, workers);
  try {
    const header = headerOf(setup, judgement.scenario, { runId, ops: fleet.ops, workers });
    const record = openRecord(plan.reports.outputDir, header, (problem) => terminal.log(inert(problem)));
    for (const line of startLines(header, terminal)) terminal.log(line);
    judgement.begin(header);
    const mask = createMask(secrets);
    const folder = requestLog?.dir ?? record.folder?.path ?? null;
    const listening = await startListening(
      plan,
      { header: judgement.ledger.header, folder },
      {
        notice: (told) => tellOf(told, { judgement, record, terminal }),
        log: (text) => terminal.log(inert(text)),
      },
    );
    if (setup.before.said !== null)
      tellOf({ kind: "not-judged", text: setup.before.said }, { judgement, record, terminal });
    if (setup.before.report !== null && judgement.scenario.comparePhases !== undefined)
      tellOf({ kind: "not-judged", text: ONE_COMPARISON }, { judgement, record, terminal });
    for (const text of limitWarnings(judgement.scenario, workers, readLimits()))
      tellOf({ kind: "generator-saturated", text }, { judgement, record, terminal });
    const end = await drive(setup, { fleet, judgement, record, listening, mask });
    await code.tearDown();
    return await finish(setup, { judgement, record, end, listening });
  } finally {
    await fleet.close();
  }
}

function headerOf(
  { plan, environment }: RunSetup,
  scenario: Scenario,
  run: { runId: string; ops: readonly OpInfo[]; workers: number },
): RunHeader {
  const startedAt = new Date().toISOString();
  const header = {
    format: 1,
    startedAt,
    scenario,
    environment,
    reports: plan.reports,
    ...run,
  } as const;
  return maskDeep(header, createMask(plan.secrets));
}
