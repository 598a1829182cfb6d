/** A share under way: the tick that drives wheel, flows and recorder, and the end of the run. */
import type { Flow, Ms } from "../core/model.ts";
import { randomStream } from "../core/random.ts";
import { slosOf } from "../core/slo.ts";
import { sumGauges } from "../core/snapshot.ts";
import type { Bench } from "./bench.ts";
import type { Clock } from "./clock.ts";
import { Flows } from "./flows.ts";
import { type Lines, openLines } from "./lines.ts";
import { machineFaults } from "./machine_faults.ts";
import { OpenCalls } from "./open_calls.ts";
import type { FromWorker, Job } from "./port.ts";
import { ProcessCpu } from "./process_cpu.ts";
import { Recorder } from "./recorder.ts";
import type { Served } from "./served.ts";
import { makeSteps, phaseFinder, placesById, type Steps } from "./steps.ts";
import { Tap } from "./tap.ts";
import { type Unasked, unaskedCalls } from "./unasked.ts";
import { valuesFor } from "./values.ts";
import { type Vitals, watchVitals } from "./vitals.ts";
import { Wheel } from "./wheel.ts";
import { placesOfTask, type Workloads } from "./workloads.ts";

const TICK: Ms = 1;
/** Answers must be read between sends: what many timers do in one tick goes on in the next after so long. */
const SLICE: Ms = 5;
/** By the end of the plan and its grace all is over by itself; what still waits so much later is given up. */
const OVERTIME: Ms = 1000;

export interface RunningSetup {
  readonly job: Job;
  readonly served: readonly Served[];
  readonly clock: Clock;
  readonly workloads: Workloads;
  say(message: FromWorker): void;
  mask(text: string): string;
}

export class Running {
  private readonly setup: RunningSetup;
  private readonly wheel = new Wheel();
  private readonly recorder: Recorder;
  private readonly open = new OpenCalls();
  /** Where calls are told whole. */
  readonly tap: Tap | null;
  private readonly held: Bench["held"] = new Set();
  private readonly lines: Lines;
  private readonly steps: Steps;
  readonly unasked: Unasked;
  private readonly flows: Flows;
  /** Phases follow each other as each is through. */
  private readonly staged: boolean;
  private readonly phaseAt: (t: Ms) => number;
  /** Position of the phase under way, where staged; the last that this worker is through with. */
  private current = 0;
  private through = -1;
  private readonly vitals: Vitals;
  private readonly cpu: ProcessCpu;
  private lastTick: Ms;
  private stoppedAt: Ms | null = null;
  private drainUntil: Ms = Number.POSITIVE_INFINITY;

  constructor(setup: RunningSetup) {
    this.setup = setup;
    const { job, clock, served } = setup;
    const { phases, flows } = job.scenario;
    this.lastTick = clock.now();
    this.cpu = new ProcessCpu(clock);
    this.vitals = watchVitals(clock, job.share.index + 1);
    this.tap = tapOf(setup);
    this.recorder = this.openRecorder();
    this.lines = openLines(this.recorder, (id, info) => setup.say({ say: "line", id, info }));
    this.staged = flows.some((flow) => flow.phase !== undefined);
    this.phaseAt = this.staged ? () => this.current : phaseFinder(phases);
    const bench = this.bench();
    this.steps = makeSteps(bench, { scenario: job.scenario, served, lines: this.lines });
    this.unasked = unaskedCalls(bench, this.steps, job.scenario, () => this.stoppedAt === null);
    this.flows = this.openFlows();
    this.addFlows(0);
  }

  begin(): void {
    this.flows.begin();
    this.tick();
  }

  /** Begins a phase whose time has come. */
  phase(index: number, at: Ms): void {
    if (this.stoppedAt !== null) return;
    this.current = index;
    this.addFlows(at);
  }

  /** No new calls from now; what is open after `drain` is cut. */
  stop(drain: Ms): void {
    if (this.stoppedAt !== null) return;
    const now = this.setup.clock.now();
    this.stoppedAt = Math.min(now, this.setup.job.scenario.duration);
    this.drainUntil = now + drain;
    this.flows.stop(this.drainUntil);
  }

  private openRecorder(): Recorder {
    const { job, served, workloads, say } = this.setup;
    const pools = job.scenario.resources?.asked.includes("grpc_pool") ? served : [];
    return new Recorder({
      metrics: [...placesById(job.scenario, served), ...workloads.tasks.map(placesOfTask)],
      phases: job.scenario.phases,
      slos: slosOf(job.scenario),
      workers: job.share.of,
      gauges: () => ({
        users: this.flows.count(),
        inFlight: this.open.size,
        cpu: this.cpu.percent(),
        gauges: sumGauges([this.vitals.read(), ...pools.map(({ client }) => client.gauges?.() ?? {})]),
      }),
      flush: (second) => {
        this.tap?.flush();
        say({ say: "second", second });
      },
      settle: (before) => {
        for (const ended of this.held) if (ended.end < before) ended.record(false, null);
      },
    });
  }

  private bench(): Bench {
    const { clock, mask, job, say } = this.setup;
    const { wheel, recorder, open, tap, held, phaseAt } = this;
    return {
      ...{ clock, mask, wheel, recorder, open, tap, held, phaseAt },
      show: job.once === true ? (text) => say({ say: "exchange", text }) : null,
      machineFault: machineFaults((notice) => say({ say: "notice", ...notice })),
    };
  }

  private openFlows(): Flows {
    const { job, clock, served, workloads, say } = this.setup;
    const { wheel, steps, recorder, lines, phaseAt } = this;
    return new Flows({
      ...{ clock, wheel, steps, recorder, lines, phaseAt, workloads },
      scenario: job.scenario,
      share: job.share,
      values: valuesFor(clock, job.runId, job.env),
      exhausted: (feed) => say({ say: "exhausted", feed }),
      release: (user) => {
        for (const { client } of served) client.release(user);
      },
    });
  }

  /** Adds the flows that begin now: all, or those of the phase under way. */
  private addFlows(at: Ms): void {
    for (const [index, flow] of this.setup.job.scenario.flows.entries()) {
      if (!this.staged) this.flows.add(index, flow);
      else if (flow.phase === this.current) this.flows.add(index, movedTo(at, flow));
    }
  }

  private readonly tick = (): void => {
    const now = this.setup.clock.now();
    this.recorder.advance(now);
    this.recorder.tick(Math.max(0, now - this.lastTick - TICK), this.phaseAt(now));
    this.lastTick = now;
    const fired = this.wheel.advance(now, () => this.setup.clock.now() - now < SLICE);
    const sent = this.flows.pump();
    if (now >= this.lastInstant) this.giveUp();
    if (this.staged) this.tellThrough();
    if (this.isOver(now)) void this.finish();
    else if (fired && sent) setTimeout(this.tick, TICK);
    else setImmediate(this.tick);
  };

  private get lastInstant(): Ms {
    const { duration, grace } = this.setup.job.scenario;
    return Math.min(this.drainUntil, duration + grace + OVERTIME);
  }

  /** Nothing may keep a run from its end: not a call, and not a user that waits for what never comes. */
  private giveUp(): void {
    this.open.cutAll();
    this.flows.giveUp();
  }

  private tellThrough(): void {
    const { phases } = this.setup.job.scenario;
    if (this.stoppedAt !== null || this.through === this.current || this.current === phases.length - 1) return;
    if (!this.isIdle) return;
    this.through = this.current;
    this.setup.say({ say: "through", phase: this.current });
  }

  private isOver(now: Ms): boolean {
    const { phases, duration } = this.setup.job.scenario;
    const goesOn = this.staged ? this.current < phases.length - 1 : now < duration && !this.isCounted;
    return (this.stoppedAt !== null || !goesOn) && this.isIdle;
  }

  private get isIdle(): boolean {
    return this.open.size === 0 && this.flows.areDone;
  }

  /** Whether the run ends with the iterations of its flows. */
  private get isCounted(): boolean {
    return this.setup.job.scenario.flows.every(({ iterations }) => iterations !== undefined);
  }

  private async finish(): Promise<void> {
    const { clock, served, workloads, job, say } = this.setup;
    const now = clock.now();
    this.recorder.finish(now);
    this.vitals.close();
    this.tap?.flush();
    say({ say: "ended", at: this.stoppedAt ?? Math.min(now, job.scenario.duration) });
    await workloads.close();
    await Promise.allSettled(served.map(({ client }) => client.close()));
  }
}

/** Its draws have a stream of their own: what is told changes nothing of what is done. */
const TAP = 0x7a;

function tapOf({ job, say }: RunningSetup): Tap | null {
  if (job.tap === undefined) return null;
  const random = randomStream(job.scenario.seed, TAP, job.share.index);
  return new Tap(job.tap, random, (calls) => say({ say: "calls", ...calls }));
}

/** The flow as if its phase began then. */
function movedTo(at: Ms, flow: Flow): Flow {
  const first = flow.segments[0]!.start;
  return { ...flow, segments: flow.segments.map((each) => ({ ...each, start: at + each.start - first })) };
}
