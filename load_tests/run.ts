/** Runs one scenario from its plan to its verdict: stand-ins, readiness, load, judgement, reports. */
import { randomBytes } from "node:crypto";
import { type Before, withComparison } from "./before_after.ts";
import { type CodeRun, setUpCode } from "./code_lifecycle.ts";
import type { Plan } from "./config/load.ts";
import { isEndless } from "./core/endless.ts";
import { terminal as inert } from "./core/escape.ts";
import { createMask, type Mask, maskDeep } from "./core/mask.ts";
import type { Ended, Environment, Ms, Notice, OpInfo, RunHeader, Scenario, Service } from "./core/model.ts";
import type { Report } from "./core/plugin.ts";
import { type Plugins, together } from "./core/plugins.ts";
import { isStaged } from "./core/stages.ts";
import { askDialects } from "./dialect.ts";
import { startEmbedded } from "./engine/embedded.ts";
import { type Fleet, type FleetEnd, prepareFleet } from "./engine/fleet.ts";
import { limitWarnings, readLimits } from "./engine/machine_limits.ts";
import { type Missing, waitForReady } from "./engine/ready.ts";
import { servicesByHost } from "./engine/served.ts";
import { workersFor } from "./engine/worker_count.ts";
import { type Judgement, startJudgement } from "./judgement.ts";
import { type Listening, startListening, tapFor } from "./listening.ts";
import { liveOf } from "./live.ts";
import { phaseChanges } from "./phase_changes.ts";
import { type PhaseHooks, phaseHooks } from "./phase_hooks.ts";
import { SHIPPED } from "./plugins.ts";
import { openRecord, type RunRecord } from "./record.ts";
import { renderReports } from "./rendering.ts";
import { finalTable, startLines } from "./reports/console.ts";
import { type Sampling, startSampling } from "./sampling.ts";
import { settleServices } from "./settle.ts";
import type { StopSignal } from "./signals.ts";
import type { Terminal } from "./terminal.ts";

export interface RunSetup {
  readonly plan: Plan;
  readonly scenario: Scenario;
  readonly environment: Environment;
  readonly terminal: Terminal;
  readonly stop: StopSignal;
  /** Each request and answer is printed. */
  readonly once?: boolean;
  /** What `--baseline` names. */
  readonly before: Before;
  /** Worker threads asked for. */
  readonly workers?: number;
}

export interface Outcome {
  readonly exitCode: number;
  /** Null where nothing was sent. */
  readonly report: Report | null;
}

/** Time for calls under way after Ctrl-C or a criterion that aborts. */
const STOP_DRAIN: Ms = 5_000;

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

const pluginsOf = ({ plan }: Pick<RunSetup, "plan">): Plugins => together(SHIPPED, plan.plugins);

function notThere({ terminal, plan }: RunSetup, missing: readonly Missing[]): Outcome {
  const mask = createMask(plan.secrets);
  for (const { service, why } of missing) {
    const waited = `${service.name} at ${service.host} was not there within ${service.waitForReady / 1000} s`;
    terminal.print(inert(mask.text(`${waited}: ${why}`)));
  }
  terminal.print(
    "UNKNOWN: nothing was sent. Start what is missing, name its address by --host SERVICE=ADDRESS, or leave it out.",
  );
  return { exitCode: 97, report: null };
}

const ONE_COMPARISON = "compare_phases is left out: --baseline compares this run with another";

interface MeasuredSetup extends RunSetup {
  readonly sampling: Promise<Sampling>;
}

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

function notSetUp({ terminal, plan }: RunSetup, problem: string): Outcome {
  terminal.print(inert(createMask(plan.secrets).text(problem)));
  terminal.print("UNKNOWN: nothing was sent.");
  return { exitCode: 97, report: null };
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

interface Underway {
  readonly fleet: Fleet;
  readonly judgement: Judgement;
  readonly record: RunRecord;
  readonly listening: Listening;
  readonly mask: Mask;
}

interface End extends FleetEnd {
  readonly ended: Ended;
}

function tellOf(told: Notice, to: Pick<Underway, "judgement" | "record"> & { readonly terminal: Terminal }): void {
  to.judgement.notice(told);
  to.record.notice(told);
  to.terminal.log(inert(told.text));
}

/** The run itself, from the first call to the end of the last; each second is judged, shown and kept. */
async function drive(setup: MeasuredSetup, { fleet, judgement, record, listening, mask }: Underway): Promise<End> {
  const { stop, terminal } = setup;
  const sampling = await setup.sampling;
  let ended: Ended = "completed";
  const notice = (told: Notice): void => tellOf(told, { judgement, record, terminal });
  const hooks = hooksOf(setup, { terminal, notice });
  const staged = isStaged(judgement.scenario);
  if (staged) await hooks.begin(0);
  const endEarly = (why: Ended): void => {
    if (ended !== "completed") return;
    ended = why;
    fleet.stop(STOP_DRAIN);
    stop.owe(hooks.finish());
  };
  stop.signal.addEventListener("abort", () => endEarly("stopped"), { once: true });
  sampling.start({
    notice,
    readings: (t, readings) => {
      judgement.resources(t, readings);
      record.resources(t, readings);
    },
  });
  const changes = phaseChanges(judgement.ledger);
  const running = fleet.run({
    notice,
    exchange: (text) => terminal.print(`${text.split("\n").map(inert).join("\n")}\n`),
    begun: staged ? () => {} : hooks.start,
    between: hooks.begin,
    phase: (start) => {
      judgement.phase(start);
      record.phase(start);
    },
    calls: listening.calls,
    secret: (value) => {
      mask.add(value);
      listening.secret(value);
    },
    log: (text) => terminal.log(inert(text)),
    line: (info) => {
      const op = maskDeep(info, mask);
      judgement.line(op);
      record.line(op);
      listening.line(op);
    },
    second: (snapshot) => {
      judgement.add(snapshot);
      for (const line of changes(snapshot)) terminal.log(inert(line));
      record.second(snapshot);
      if (snapshot.late) return;
      terminal.progress(liveOf(judgement.ledger, snapshot));
      if (judgement.mustAbort(snapshot.to)) endEarly("aborted");
    },
  });
  if (stop.requested) endEarly("stopped");
  const end = await running.finally(hooks.finish);
  await sampling.close();
  return { ...end, ended: end.lost > 0 ? "failed" : ended };
}

function hooksOf(
  { plan, scenario }: RunSetup,
  { terminal, notice }: { terminal: Terminal; notice: (told: Notice) => void },
): PhaseHooks {
  const mask = createMask(plan.secrets);
  return phaseHooks(scenario.phases, {
    log: (line) => terminal.log(inert(mask.text(line))),
    failed: (sentence) => notice({ kind: "hook-failed", text: mask.text(sentence) }),
  });
}

const withProblem = (problem: string | null, exitCode: number): number => (problem === null ? exitCode : 1);

/** Whether only a stop ends it. */
const goesOn = ({ duration, flows }: Scenario): boolean =>
  isEndless(duration) && flows.some(({ iterations }) => iterations === undefined);

async function finish(
  setup: RunSetup,
  { judgement, record, end, listening }: Pick<Underway, "judgement" | "record" | "listening"> & { end: End },
): Promise<Outcome> {
  const { terminal, before, scenario } = setup;
  const endedAt = new Date().toISOString();
  const heard = await listening.close();
  if (heard.problem !== null) terminal.log(inert(heard.problem));
  for (const told of judgement.closingNotices()) record.notice(told);
  record.end({ ended: end.ended, duration: end.at, endedAt });
  const judged = { ...judgement.report(end.ended, end.at, endedAt), stamp: record.folder?.stamp ?? "" };
  const compared = withComparison(judged, before.report);
  const report = end.ended === "stopped" && !goesOn(scenario) ? { ...compared, exitCode: 105 } : compared;
  const rendered =
    record.folder === null ? { files: [], problems: [] } : await renderReports(report, pluginsOf(setup).reporters);
  record.reports([...rendered.files, ...heard.files], report);
  for (const problem of rendered.problems) terminal.log(inert(problem));
  terminal.clear();
  terminal.print(finalTable(report, terminal).join("\n"));
  if (record.folder !== null) terminal.print(`\nReports: ${inert(record.folder.path)}`);
  const problem = record.problem() ?? heard.problem ?? rendered.problems[0] ?? null;
  return { exitCode: withProblem(problem, report.exitCode), report };
}
