/** What a scenario's words say of its load: the drive and the spans. */
import { isEndless } from "../core/endless.ts";
import type { Flow, Phase } from "../core/model.ts";
import type { Path } from "./document.ts";
import type { PhaseConfig, ScenarioConfig } from "./scenario_schema.ts";
import type { Span } from "./segments.ts";
import { lengthOf, MOST_PIECES, pieces, shapeSegments, topOf } from "./shape.ts";
import { isLine, isShape } from "./shape_schema.ts";
import { spikeIsHurried, spikeSpans } from "./spike.ts";

/** Name of the one phase of a scenario without `phases`. */
export const LOAD = "load";
export const WARM_UP = "warm_up";

export interface Load {
  readonly drive: Flow["drive"];
  readonly spans: readonly Span[];
  readonly remarks: readonly string[];
}

/** Reports a mistake at a path below the scenario. */
export type Report = (path: Path, message: string) => void;

/** The load of a scenario, a warm-up in front; null where it is not sound, which is then reported. */
export function loadOf(name: string, config: ScenarioConfig, report: Report): Load | null {
  const wrong = contradiction(config);
  if (wrong !== null) {
    report(wrong.path, wrong.message);
    return null;
  }
  const load = config.phases === undefined ? plainLoad(name, config, report) : phasedLoad(config.phases, report);
  if (load === null) return null;
  const unfit = unfitLevels(load, config);
  if (unfit !== null) {
    report(unfit.path, unfit.message);
    return null;
  }
  return { ...load, spans: [...warmUp(config, load.spans), ...load.spans] };
}

export const TOO_MANY_PIECES = `this shape would be cut into more than ${MOST_PIECES} straight pieces: expected longer periods or a shorter duration`;

/** The scenario has no load beside those that each of its workloads brings. */
export const bringOwnLoad = ({ users, rate, phases, workloads }: ScenarioConfig): boolean =>
  users === undefined &&
  rate === undefined &&
  phases === undefined &&
  workloads?.every((each) => each.users !== undefined || each.rate !== undefined) === true;

const bringsUsers = (config: ScenarioConfig): boolean =>
  bringOwnLoad(config) && config.workloads!.some(({ users }) => users !== undefined);

/** Levels that are 0 everywhere, or shapes of too many pieces. */
function unfitLevels({ drive, spans }: Load, config: ScenarioConfig): { path: Path; message: string } | null {
  const { phases } = config;
  const key = drive === "users" ? "users" : "rate";
  const many = spans.findIndex(
    ({ level, duration }) => typeof level === "object" && isShape(level) && pieces(level, duration) > MOST_PIECES,
  );
  if (many >= 0)
    return {
      path: phases === undefined ? [key] : ["phases", many, key],
      message: TOO_MANY_PIECES,
    };
  if (spans.some(({ level, duration }) => topOf(level, duration) > 0) || bringOwnLoad(config)) return null;
  return { path: [phases === undefined ? key : "phases"], message: `${key} is 0 everywhere: nothing would be sent` };
}

function contradiction(config: ScenarioConfig): { path: Path; message: string } | null {
  const { users, rate, phases, arrivals, shape } = config;
  if (phases !== undefined) {
    const beside = (["users", "rate", "duration", "spawn_rate", "shape"] as const).find(
      (key) => config[key] !== undefined,
    );
    if (beside !== undefined)
      return {
        path: [beside],
        message: `\`${beside}\` beside \`phases\`: write it in the phases, or leave the phases out`,
      };
  }
  if (users !== undefined && rate !== undefined)
    return {
      path: ["rate"],
      message: "`rate` beside `users`: a scenario brings users (closed loop) or arrivals (open loop), not both",
    };
  const usesRate = rate !== undefined || phases?.some((phase) => phase.rate !== undefined) === true;
  if (arrivals !== undefined && !usesRate)
    return { path: ["arrivals"], message: "`arrivals` goes with `rate`; users come at `spawn_rate`" };
  if (config.spawn_rate !== undefined && usesRate)
    return {
      path: ["spawn_rate"],
      message: "`spawn_rate` goes with `users`; for a rising rate write rate: { from: 0, to: 100 }",
    };
  if (shape !== undefined && typeof (users ?? rate) === "object")
    return {
      path: ["shape"],
      message: `\`shape: ${shape}\` expects one number as its ${users === undefined ? "rate" : "users"}`,
    };
  return null;
}

function plainLoad(name: string, config: ScenarioConfig, report: Report): Load | null {
  const level = config.users ?? config.rate ?? (bringOwnLoad(config) ? 0 : undefined);
  const { spawn_rate: spawnRate } = config;
  const duration = config.duration ?? (typeof level === "object" && isShape(level) ? lengthOf(level) : undefined);
  const missing =
    level === undefined ? "no load: expected `users`, `rate` or `phases`" : "no end: expected `duration`, such as 5m";
  if (level === undefined || duration === undefined || duration === 0) {
    report(duration === 0 && level !== undefined ? ["duration"] : [], `this scenario has ${missing}`);
    return null;
  }
  const drive = config.users === undefined && !bringsUsers(config) ? "arrivals" : "users";
  const isSpike = config.shape === "spike" || (name === "spike" && !isEndless(duration));
  if (isSpike && isEndless(duration)) {
    report(["duration"], "`shape: spike` needs an end: expected `duration`, such as 5m");
    return null;
  }
  if (isSpike && typeof level === "number" && level > 0) {
    const spike = { peak: level, spawnRate, duration };
    const hurried = `${name}: ${spawnRate} users/s are too slow for so short a spike: its ramps take half of their parts instead`;
    return { drive, spans: spikeSpans(spike, drive === "users"), remarks: spikeIsHurried(spike) ? [hurried] : [] };
  }
  if (typeof level === "object" && spawnRate !== undefined) {
    report(["spawn_rate"], LINE_AND_RATE);
    return null;
  }
  return { drive, spans: [{ name: LOAD, level, spawnRate, duration, measured: true }], remarks: [] };
}

const LINE_AND_RATE = "`spawn_rate` beside a straight line { from, to } or a shape: expected one of them";

const nameOf = (written: string | undefined, index: number): string => written ?? `phase ${index + 1}`;

/** Position of a phase among those written; -1 of one that was added. */
export const placeOf = ({ name }: Pick<Phase, "name">, written: readonly PhaseConfig[]): number =>
  written.findIndex((each, i) => nameOf(each.name, i) === name);

function phasedLoad(phases: readonly PhaseConfig[], report: Report): Load | null {
  const drive = phases[0]?.rate === undefined ? "users" : "arrivals";
  const key = drive === "users" ? "users" : "rate";
  const names = new Set<string>();
  let sound = true;
  const spans = phases.flatMap((phase, index): Span[] => {
    const wrong = phaseMistake(phase, key);
    const name = nameOf(phase.name, index);
    if (wrong !== null) report(["phases", index, ...wrong.path], wrong.message);
    if (names.has(name) || name === WARM_UP)
      report(["phases", index, "name"], `the phase name \`${name}\` is taken: expected one of its own`);
    sound &&= wrong === null && !names.has(name) && name !== WARM_UP;
    names.add(name);
    const { duration, measured = true, spawn_rate: spawnRate } = phase;
    return duration === 0 ? [] : [{ name, level: phase[key] ?? 0, spawnRate, duration, measured }];
  });
  if (sound && spans.length === 0) report(["phases", 0, "duration"], "expected a phase with a duration over 0");
  return sound && spans.length > 0 ? { drive, spans, remarks: leftOut(phases) } : null;
}

const leftOut = (phases: readonly PhaseConfig[]): string[] =>
  phases.flatMap(({ name, duration }, i) =>
    duration === 0 ? [`phase ${nameOf(name, i)} is left out: it lasts 0 s`] : [],
  );

function phaseMistake(phase: PhaseConfig, key: "users" | "rate"): { path: Path; message: string } | null {
  const other = key === "users" ? "rate" : "users";
  if (phase[other] !== undefined && phase[key] !== undefined)
    return { path: [other], message: "a phase has users or a rate, not both" };
  if (phase[other] !== undefined)
    return { path: [other], message: `the first phase brings ${key}: expected ${key} in this one too` };
  if (phase[key] === undefined) return { path: [], message: `this phase has no load: expected \`${key}\`` };
  if (phase.spawn_rate === undefined) return null;
  if (key === "rate") return { path: ["spawn_rate"], message: "`spawn_rate` goes with `users`" };
  return typeof phase.users === "object" ? { path: ["spawn_rate"], message: LINE_AND_RATE } : null;
}

function firstLevel({ level, duration }: Span): number {
  if (typeof level === "number") return level;
  if (isLine(level)) return level.from ?? level.to;
  return shapeSegments(level, { duration, before: 0, whole: false, stream: [0] })[0]!.from;
}

/** Load at the level that the first phase begins with. */
function warmUp({ warm_up: duration }: ScenarioConfig, [first]: readonly Span[]): Span[] {
  if (duration === undefined || duration === 0 || first === undefined) return [];
  const level = firstLevel(first);
  return [{ name: WARM_UP, level, spawnRate: first.spawnRate, duration, measured: false }];
}
