/** A world of virtual time for tests: the real users, pacer, measurement and recorder against a service that is a function. */
import type { Flow, Ms, Outcome, Phase, Scenario, Service, Share } from "../core/model.ts";
import type { Client, Op, User } from "../core/plugin.ts";
import type { Random } from "../core/random.ts";
import { decodeSnapshot, type Snapshot } from "../core/snapshot.ts";
import type { OpenWorkload } from "../core/workload.ts";
import type { Bench } from "./bench.ts";
import { openLines } from "./lines.ts";
import { OpenCalls } from "./open_calls.ts";
import { Pacer } from "./pacer.ts";
import { Recorder } from "./recorder.ts";
import { makeSteps, phaseFinder } from "./steps.ts";
import { Users } from "./users.ts";
import { valuesFor } from "./values.ts";
import { timerFor, Wheel } from "./wheel.ts";
import type { Opened } from "./workloads.ts";

/** When the answer to a call comes, by when it was sent; never, where it is infinite. */
export type Answers = (sent: Ms) => { at: Ms; outcome?: Outcome };

export interface SimulationSetup {
  readonly flow: Flow;
  readonly phases: readonly Phase[];
  readonly answers: Answers;
  readonly share?: Share;
  readonly seed?: number;
  readonly maxInFlight?: number;
  readonly timeout?: Ms;
  readonly grace?: Ms;
  /** What users do; one of two endpoints, where absent. */
  readonly opened?: Opened;
  /** Time between ticks of the generator, a multiple of a quarter millisecond; as short as that by default. */
  readonly tick?: Ms;
  /** Spans in which the generator itself stands still. */
  readonly stopped?: readonly { from: Ms; to: Ms }[];
}

export interface Sent {
  readonly at: Ms;
  readonly user: string;
  readonly op: string;
}

export interface SimulationResult {
  readonly snapshots: readonly Snapshot[];
  readonly sent: readonly Sent[];
  readonly usersAt: readonly number[];
  readonly endedAt: Ms;
}

const STEP: Ms = 0.25;
const NO_METRICS = { names: [], first: -1, gap: -1, extra: 0 };

/** The first endpoint three times of four. */
const threeToOne = (random: Random) => ({ service: 0, endpoint: random.next() < 0.75 ? 0 : 1 });

const REQUESTS: OpenWorkload = {
  metrics: [],
  iterate: (activity, values, _phase, done) => activity.call(threeToOne(values.random), values, done),
  first: threeToOne,
};

function serviceOf(timeout: Ms): Service {
  const endpoint = (name: string, weight: number) => ({ name, method: "GET", weight, checks: [], settings: null });
  return {
    ...{
      name: "api",
      protocol: "fake",
      role: null,
      host: "",
      embedded: false,
      standIn: null,
      weight: 1,
      settings: null,
    },
    ...{ timeout, connectTimeout: 1000, waitForReady: 0, endpoints: [endpoint("GET /a", 3), endpoint("GET /b", 1)] },
  };
}

/** Runs the flow to its end, and the drain after it. */
export function simulate(setup: SimulationSetup): SimulationResult {
  let now: Ms = 0;
  const clock = { now: () => now, wall: () => now };
  const wheel = new Wheel();
  const service = new Wheel();
  const sent: Sent[] = [];
  const snapshots: Snapshot[] = [];
  const { flow, phases, share = { index: 0, of: 1 }, seed = 1, maxInFlight = 10_000, timeout = 30_000 } = setup;
  const end = Math.max(...phases.map((phase) => phase.start + phase.duration));
  const open = new OpenCalls();
  const phaseAt = phaseFinder(phases);
  let users = 0;
  const recorder = new Recorder({
    metrics: [NO_METRICS, NO_METRICS],
    phases,
    slos: [],
    gauges: () => ({ users, inFlight: open.size, cpu: 0 }),
    flush: ({ bytes, beside, late }) => snapshots.push({ ...decodeSnapshot(bytes, beside), late }),
  });
  const bench: Bench = {
    clock,
    wheel,
    recorder,
    open,
    held: new Set(),
    mask: (text) => text,
    tap: null,
    show: null,
    phaseAt,
    machineFault: () => {},
  };
  const plan = serviceOf(timeout);
  const client: Client = {
    ops: plan.endpoints.map(
      (endpoint): Op => ({
        ...{ name: endpoint.name, method: "GET", endpoint, firstItem: null, gap: null, cutStatus: "reset" },
        start: (user: User, _values, call) => {
          sent.push({ at: now, user: user.id, op: endpoint.name });
          const { at, outcome = "ok" } = setup.answers(now);
          if (Number.isFinite(at)) answer(service, at, () => call.end(outcome, outcome));
        },
      }),
    ),
    release: () => {},
    close: async () => {},
  };
  const scenario = { services: [plan], phases } as unknown as Scenario;
  const lines = openLines(recorder, () => {});
  const steps = makeSteps(bench, { scenario, served: [{ service: 0, client }], lines });
  const common = {
    flow,
    flowIndex: 0,
    seed,
    grace: setup.grace ?? 30_000,
    clock,
    wheel,
    steps,
    recorder,
    lines,
    phaseAt,
    opened: setup.opened ?? { plan: null, workload: REQUESTS, places: [] },
    values: valuesFor(clock, "run", {}),
    exhausted: () => {},
  };
  let busy = true;
  const crowd =
    flow.drive === "users" ? new Users({ ...common, release: () => {}, idle: () => (busy = false) }, share) : null;
  const pacer = flow.drive === "arrivals" ? new Pacer({ ...common, share, end, maxInFlight }) : null;
  const usersAt: number[] = [];
  crowd?.start();
  for (; now < end || open.size > 0 || (crowd !== null ? busy : !pacer!.done()); now += STEP) {
    service.advance(now);
    if (now % (setup.tick ?? STEP) !== 0) continue;
    if (setup.stopped?.some(({ from, to }) => now >= from && now < to)) continue;
    recorder.advance(now);
    wheel.advance(now);
    pacer?.pump();
    users = crowd?.count() ?? pacer!.inFlight();
    if (now % 1000 === 0) usersAt.push(users);
  }
  recorder.finish(now);
  return { snapshots, sent, usersAt, endedAt: now };
}

function answer(wheel: Wheel, at: Ms, fire: () => void): void {
  wheel.add(timerFor(fire), at);
}
