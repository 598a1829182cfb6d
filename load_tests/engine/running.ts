/** A share under way: the tick that drives wheel, pacers and recorder, and the end of the run. */
import type { Flow, Ms } from "../core/model.ts";
import type { User } from "../core/plugin.ts";
import { randomStream } from "../core/random.ts";
import { partOf } from "../core/share.ts";
import { slosOf } from "../core/slo.ts";
import { sumGauges } from "../core/snapshot.ts";
import type { Bench } from "./bench.ts";
import type { Clock } from "./clock.ts";
import { type Lines, openLines } from "./lines.ts";
import { OpenCalls } from "./open_calls.ts";
import { Pacer } from "./pacer.ts";
import type { FromWorker, Job } from "./port.ts";
import { Recorder } from "./recorder.ts";
import type { Served } from "./served.ts";
import { makeSteps, phaseFinder, placesById, type Steps } from "./steps.ts";
import { Tap } from "./tap.ts";
import { type Unasked, unaskedCalls } from "./unasked.ts";
import { Users } from "./users.ts";
import { valuesFor } from "./values.ts";
import { type Vitals, watchVitals } from "./vitals.ts";
import { Wheel } from "./wheel.ts";
import { placesOfTask, type Workloads } from "./workloads.ts";

const TICK: Ms = 1;
/** Answers must be read between sends: what many timers do in one tick goes on in the next after so long. */
const SLICE: Ms = 5;
/** By the end of the plan and its grace all is over by itself; what still waits so much later is given up. */
const OVERTIME: Ms = 1000;
/** Over less than this, CPU time says nothing: the end of a run is a part of a second. */
const SHORTEST_CPU_SPAN: Ms = 500;

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
  private readonly users: Users[] = [];
  private readonly pacers: Pacer[] = [];
  /** Phases follow each other as each is through. */
  private readonly staged: boolean;
  private readonly phaseAt: (t: Ms) => number;
  /** Position of the phase under way, where staged; the last that this worker is through with. */
  private current = 0;
  private through = -1;
  private readonly faults = new Set<string>();
  private readonly vitals: Vitals;
  private busyFlows = 0;
  private lastTick: Ms;
  private cpu = process.cpuUsage();
  private cpuAt: Ms;
  private cpuSeen = 0;
  private stoppedAt: Ms | null = null;
  private drainUntil: Ms = Number.POSITIVE_INFINITY;

  constructor(setup: RunningSetup) {
    this.setup = setup;
    const { job, clock, served } = setup;
    this.lastTick = clock.now();
    this.cpuAt = this.lastTick;
    this.vitals = watchVitals(clock, job.share.index + 1);
    this.tap = tapOf(setup);
    const pools = job.scenario.resources?.asked.includes("grpc_pool") ? served : [];
    this.recorder = new Recorder({
      metrics: [...placesById(job.scenario, served), ...setup.workloads.tasks.map(placesOfTask)],
      phases: job.scenario.phases,
      slos: slosOf(job.scenario),
      gauges: () => ({
        users: this.countUsers(),
        inFlight: this.open.size,
        cpu: this.cpuPercent(),
        gauges: sumGauges([this.vitals.read(), ...pools.map(({ client }) => client.gauges?.() ?? {})]),
      }),
      flush: (second) => {
        this.tap?.flush();
        setup.say({ say: "second", second });
      },
      settle: (before) => {
        for (const ended of this.held) if (ended.end < before) ended.record(false, null);
      },
    });
    this.lines = openLines(this.recorder, (id, info) => setup.say({ say: "line", id, info }));
    const { phases, flows } = job.scenario;
    this.staged = flows.some((flow) => flow.phase !== undefined);
    this.phaseAt = this.staged ? () => this.current : phaseFinder(phases);
    const bench = this.bench();
    this.steps = makeSteps(bench, { scenario: job.scenario, served, lines: this.lines });
    this.unasked = unaskedCalls(bench, this.steps, job.scenario, () => this.stoppedAt === null);
    this.addFlows(0);
  }

  begin(): void {
    for (const flow of this.users) flow.start();
    this.tick();
  }

  /** Begins a phase whose time has come. */
  phase(index: number, at: Ms): void {
    if (this.stoppedAt !== null) return;
    this.current = index;
    for (const flow of this.addFlows(at)) flow.start();
  }

  /** No new calls from now; what is open after `drain` is cut. */
  stop(drain: Ms): void {
    if (this.stoppedAt !== null) return;
    const now = this.setup.clock.now();
    this.stoppedAt = Math.min(now, this.setup.job.scenario.duration);
    this.drainUntil = now + drain;
    for (const pacer of this.pacers) pacer.stop(this.drainUntil);
    for (const flow of this.users) flow.stop(this.drainUntil);
  }

  private bench(): Bench {
    return {
      clock: this.setup.clock,
      wheel: this.wheel,
      recorder: this.recorder,
      open: this.open,
      tap: this.tap,
      held: this.held,
      phaseAt: this.phaseAt,
      mask: this.setup.mask,
      show: this.setup.job.once === true ? (text) => this.setup.say({ say: "exchange", text }) : null,
      machineFault: (status) => this.machineFault(status),
    };
  }

  /** Adds the flows that begin now: all, or those of the phase under way. */
  private addFlows(at: Ms): Users[] {
    const { job, clock, served } = this.setup;
    const { scenario, share } = job;
    const values = valuesFor(clock, job.runId, job.env);
    const { wheel, steps, recorder, lines, phaseAt } = this;
    const { seed, grace, duration: end } = scenario;
    const exhausted = (feed: string): void => this.setup.say({ say: "exhausted", feed });
    const maxInFlight = partOf(scenario.maxInFlight, share);
    const release = (user: User) => {
      for (const { client } of served) client.release(user);
    };
    const added: Users[] = [];
    for (const [flowIndex, planned] of scenario.flows.entries()) {
      if (this.staged && planned.phase !== this.current) continue;
      const flow = this.staged ? movedTo(at, planned) : planned;
      const opened = this.setup.workloads.of(planned);
      const crew = { clock, wheel, steps, recorder, lines, opened, flowIndex, phaseAt, exhausted };
      const common = { ...crew, flow, seed, grace, values };
      if (flow.drive === "arrivals") this.pacers.push(new Pacer({ ...common, share, end, maxInFlight }));
      else {
        this.busyFlows++;
        added.push(new Users({ ...common, release, idle: () => this.busyFlows-- }, share));
      }
    }
    this.users.push(...added);
    return added;
  }

  private readonly tick = (): void => {
    const now = this.setup.clock.now();
    this.recorder.advance(now);
    this.recorder.tick(Math.max(0, now - this.lastTick - TICK), this.phaseAt(now));
    this.lastTick = now;
    const whole = this.wheel.advance(now, () => this.setup.clock.now() - now < SLICE);
    for (const pacer of this.pacers) pacer.pump();
    if (now >= this.lastInstant) this.giveUp();
    if (this.staged) this.tellThrough();
    if (this.isOver(now)) void this.finish();
    else if (whole) setTimeout(this.tick, TICK);
    else setImmediate(this.tick);
  };

  private get lastInstant(): Ms {
    const { duration, grace } = this.setup.job.scenario;
    return Math.min(this.drainUntil, duration + grace + OVERTIME);
  }

  /** Nothing may keep a run from its end: not a call, and not a user that waits for what never comes. */
  private giveUp(): void {
    this.open.cutAll();
    for (const flow of this.users) flow.giveUp();
    for (const pacer of this.pacers) pacer.giveUp();
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
    return this.busyFlows === 0 && this.open.size === 0 && this.pacers.every((pacer) => pacer.done());
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

  private countUsers(): number {
    const flying = this.pacers.reduce((sum, pacer) => sum + pacer.inFlight(), 0);
    return this.users.reduce((sum, flow) => sum + flow.count(), flying);
  }

  /** CPU of the process since the last call; 100 is one core. */
  private cpuPercent(): number {
    const now = this.setup.clock.now();
    const elapsed = now - this.cpuAt;
    if (elapsed < SHORTEST_CPU_SPAN) return this.cpuSeen;
    const used = process.cpuUsage(this.cpu);
    this.cpuSeen = ((used.user + used.system) / 1000 / elapsed) * 100;
    this.cpu = process.cpuUsage();
    this.cpuAt = now;
    return this.cpuSeen;
  }

  private machineFault(status: string): void {
    if (this.faults.has(status)) return;
    this.faults.add(status);
    const text = `calls could not be sent: this machine answered ${status}; ${adviceFor(status)}`;
    this.setup.say({ say: "notice", kind: "generator-saturated", text });
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

/** Which limit of our own machine to raise. */
function adviceFor(status: string): string {
  if (status === "EMFILE" || status === "ENFILE") return "raise the limit of open files (ulimit -n)";
  if (status === "EADDRNOTAVAIL")
    return "local ports are used up: keep connections open, or widen net.ipv4.ip_local_port_range";
  return "free memory for sockets, or use more machines";
}
