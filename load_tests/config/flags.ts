/** Flags that change how much load a scenario brings, and when. */
import { isEndless } from "../core/endless.ts";
import { LONGEST, MOST } from "../core/fields.ts";
import type { Ms } from "../core/model.ts";
import { type Finding, found } from "./problem.ts";
import type { PhaseConfig, ScenarioConfig } from "./scenario_schema.ts";
import { lengthOf, scaled, topOf } from "./shape.ts";
import { isLine, type Level } from "./shape_schema.ts";
import { isStaged } from "./stages.ts";

export interface Flags {
  readonly scenario?: readonly string[];
  /** Only what has one of these tags. */
  readonly tags?: readonly string[];
  readonly testType?: "grpc" | "rest" | "websocket" | "all";
  readonly users?: number;
  /** Users per second. */
  readonly spawnRate?: number;
  readonly duration?: Ms;
  /** Tasks, or calls without a workload, after which it ends. */
  readonly iterations?: number;
  /** One user, one iteration. */
  readonly once?: boolean;
  /** Arrivals per second. */
  readonly rate?: number;
  /** `SERVICE=ADDRESS`, or one bare `ADDRESS`. */
  readonly host?: readonly string[];
  /** `path.to.key=value` */
  readonly set?: readonly string[];
  readonly outputDir?: string;
  readonly format?: readonly string[];
  readonly seed?: number;
  /** A line a call in a file. */
  readonly logRequests?: boolean;
  /** `false` refuses stand-ins. */
  readonly embedded?: boolean;
}

type Change = (report: (flag: string, message: string) => void, config: ScenarioConfig) => ScenarioConfig;

/** `--duration 0`: until it is stopped. */
const goesOn = (key: string, value: number): boolean => key === "duration" && value === 0;

/** Flags whose values no scenario could take. */
export function flagFindings(flags: Flags): Finding[] {
  const positive = (["users", "spawnRate", "duration", "rate"] as const).filter(
    (key) => flags[key] !== undefined && !(flags[key] > 0 && Number.isFinite(flags[key])) && !goesOn(key, flags[key]),
  );
  const findings = positive.map((key) => bad(FLAG[key], `expected a number over 0, found ${found(flags[key])}`));
  for (const [key, most, text] of MOSTS)
    if ((flags[key] ?? 0) > most) findings.push(bad(FLAG[key], `expected at most ${text}`));
  if (flags.iterations === 0) findings.push(bad("--iterations", "expected a whole number over 0, found the number 0"));
  if (flags.users !== undefined && !Number.isInteger(flags.users))
    findings.push(bad("--users", `expected a whole number, found ${found(flags.users)}`));
  if (flags.seed !== undefined && (!Number.isInteger(flags.seed) || flags.seed < 0))
    findings.push(bad("--seed", `expected a whole number of at least 0, found ${found(flags.seed)}`));
  if (flags.rate !== undefined && (flags.users !== undefined || flags.spawnRate !== undefined))
    findings.push(
      bad("--rate", "`--rate` brings arrivals and `--users` and `--spawn-rate` bring users: expected one of them"),
    );
  return findings;
}

const FLAG = { users: "--users", spawnRate: "--spawn-rate", duration: "--duration", rate: "--rate" };
const MOSTS = [
  ["users", MOST, MOST],
  ["spawnRate", MOST, MOST],
  ["rate", MOST, MOST],
  ["duration", LONGEST, "30 days"],
] as const;
const bad = (flag: string, message: string): Finding => ({ place: { flag }, message });

/** All levels times what makes the highest `peak`; users stay whole and none that was there is lost. */
function scaleLevels(phases: readonly PhaseConfig[], key: "users" | "rate", peak: number): PhaseConfig[] {
  const top = Math.max(...phases.map((phase) => topOf(phase[key] ?? 0, phase.duration)));
  if (top === 0) return [...phases];
  const exact = (value: number) => (value * peak) / top;
  const by = key === "rate" ? exact : (value: number) => (value === 0 ? 0 : Math.max(1, Math.round(exact(value))));
  return phases.map((phase) => (phase[key] === undefined ? phase : { ...phase, [key]: scaled(phase[key], by) }));
}

/** A shape scaled to that peak; any other level is replaced. */
function reaching(level: Level | undefined, peak: number, { duration }: ScenarioConfig): Level {
  if (level === undefined || typeof level === "number" || isLine(level)) return peak;
  const top = topOf(level, duration ?? lengthOf(level) ?? 0);
  return top === 0 ? peak : scaled(level, (value) => (value * peak) / top);
}

function scaleDurations(phases: readonly PhaseConfig[], whole: Ms): PhaseConfig[] {
  const last = phases.at(-1)!;
  const sum = phases.reduce((total, { duration }) => total + duration, 0);
  if (isEndless(last.duration)) return [...phases.slice(0, -1), { ...last, duration: whole - sum + last.duration }];
  return phases.map((phase) => ({ ...phase, duration: sum === 0 ? 0 : (phase.duration * whole) / sum }));
}

const bringsRate = ({ rate, phases }: ScenarioConfig): boolean =>
  rate !== undefined || phases?.some((phase) => phase.rate !== undefined) === true;
const bringsUsers = ({ users, phases }: ScenarioConfig): boolean =>
  users !== undefined || phases?.some((phase) => phase.users !== undefined) === true;

/** Reports the flag and leaves the scenario as it is. */
const refused = (
  report: Parameters<Change>[0],
  [flag, message]: readonly [string, string],
  config: ScenarioConfig,
): ScenarioConfig => {
  report(flag, message);
  return config;
};

const setUsers =
  (users: number): Change =>
  (report, config) => {
    if (bringsRate(config))
      return refused(report, ["--users", "this scenario brings arrivals: `--rate` changes these"], config);
    return config.phases === undefined
      ? { ...config, users: reaching(config.users, users, config) }
      : { ...config, phases: scaleLevels(config.phases, "users", users) };
  };

const setRate =
  (rate: number): Change =>
  (report, config) => {
    if (bringsUsers(config))
      return refused(
        report,
        ["--rate", "this scenario brings users: `--users` and `--spawn-rate` change these"],
        config,
      );
    return config.phases === undefined
      ? { ...config, rate: reaching(config.rate, rate, config) }
      : { ...config, phases: scaleLevels(config.phases, "rate", rate) };
  };

const setSpawnRate =
  (spawn_rate: number): Change =>
  (report, config) => {
    if (bringsRate(config))
      return refused(report, ["--spawn-rate", "this scenario brings arrivals, which are not spawned"], config);
    if (config.phases === undefined) return { ...config, spawn_rate };
    return {
      ...config,
      phases: config.phases.map((phase) => (typeof phase.users === "number" ? { ...phase, spawn_rate } : phase)),
    };
  };

const setDuration =
  (duration: Ms): Change =>
  (report, config) => {
    if (config.phases === undefined) return { ...config, duration };
    if (duration === 0)
      return refused(report, ["--duration", "phases have an end: expected a duration over 0"], config);
    if (isStaged(config)) return { ...config, phases: config.phases.map((phase) => lasting(phase, duration)) };
    const phases = scaleDurations(config.phases, duration);
    if (phases.at(-1)!.duration <= 0)
      return refused(report, ["--duration", "the phases before the last take longer than that"], config);
    return { ...config, phases };
  };

/** Each measured phase ends by time instead of by count; warm-ups stay as they are. */
function lasting(phase: PhaseConfig, duration: Ms): PhaseConfig {
  if (phase.measured === false || phase.iterations === 0) return phase;
  return { ...phase, iterations: undefined, duration };
}

/** Ends by count: where the flags name no duration, by nothing else. */
const setIterations =
  (iterations: number, { duration }: Flags): Change =>
  (_, config) => {
    if (isStaged(config)) return { ...config, phases: config.phases!.map((phase) => counting(phase, iterations)) };
    const { duration: own, ...rest } = config;
    return { ...rest, iterations, ...(duration === undefined || own === undefined ? {} : { duration: own }) };
  };

const counting = (phase: PhaseConfig, iterations: number): PhaseConfig =>
  phase.measured === false || phase.iterations === 0 ? phase : { ...phase, iterations };

/** What an author of a config tries first: one user does one thing, and every call of it must be ok. */
const once: Change = (_, config) => {
  const { phases, rate: _r, arrivals: _a, spawn_rate: _s, shape: _h, warm_up: _w, roles: _o, ...rest } = config;
  const { compare_phases: _x, duration: _d, per: _e, extra_criteria: _c, ...bare } = rest;
  const workload =
    bare.workload ?? phases?.find((phase) => phase.workload !== undefined && phase.iterations !== 0)?.workload;
  return {
    ...bare,
    ...(workload === undefined ? {} : { workload }),
    users: 1,
    iterations: 1,
    criteria: [{ expect: "errors == 0", min_samples: 1 }],
  };
};

/** The scenario as the flags want it. */
export function withFlags(
  config: ScenarioConfig,
  flags: Flags,
  report: (flag: string, message: string) => void,
): ScenarioConfig {
  const changes = [
    ...(flags.users === undefined ? [] : [setUsers(flags.users)]),
    ...(flags.rate === undefined ? [] : [setRate(flags.rate)]),
    ...(flags.spawnRate === undefined ? [] : [setSpawnRate(flags.spawnRate)]),
    ...(flags.duration === undefined ? [] : [setDuration(flags.duration)]),
    ...(flags.iterations === undefined ? [] : [setIterations(flags.iterations, flags)]),
    ...(flags.once === true ? [once] : []),
  ];
  const changed = changes.reduce((before, change) => change(report, before), config);
  return {
    ...changed,
    ...(flags.seed === undefined ? {} : { seed: flags.seed }),
    ...(flags.testType === undefined ? {} : { test_type: flags.testType }),
  };
}
