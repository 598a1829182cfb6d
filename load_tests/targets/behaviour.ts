/** How a stand-in behaves: when it answers, and which calls go wrong, as its settings say. */
import type { Ms } from "../core/model.ts";
import { type Random, uniform } from "../core/random.ts";
import type { StandIn } from "../core/standin.ts";

/** What becomes of a call. */
export type Fate = "ok" | "soft-error" | "error" | "limited" | "hang";

/** The lot of one call; `latency` is the time of its answer. */
export interface Turn {
  readonly fate: Fate;
  readonly latency: Ms;
}

export interface Behaviour {
  /** Draws a call's lot. The first one starts the clocks of `freeze` and `dies_after`. */
  begin(): Turn;
  /** What becomes of an HTTP answer instead of itself, by the names of `faults`; null for most. */
  fault(): string | null;
  /** Runs after `delay`, or when the freeze that holds at that time is over; at once and without a timer for 0. */
  after(delay: Ms, run: () => void): void;
  /** Draws a lot and answers when its latency has passed; a call that hangs is never answered. */
  play(answer: (fate: Exclude<Fate, "hang">, latency: Ms) => void): void;
  /** Behaves as other settings say from now on; their clocks start at the next call. */
  become(settings: StandIn): void;
}

/** How a stand-in comes and goes, as `dies_after` and `away` say. */
export interface Door {
  /** Stops listening, and resets what is open. */
  shut(): void;
  open(): void;
}

export function createBehaviour(start: StandIn, random: Random, door: Door): Behaviour {
  const gate = createGate();
  let settings = start;
  let fateOf = fates(start);
  let faults = Object.entries(start.faults ?? {});
  let called = false;

  const begin = (): Turn => {
    if (!called) {
      called = true;
      startClocks(settings, gate, door);
    }
    const fate = fateOf(random.next());
    const jitter = Math.min(settings.jitter, settings.latency);
    const latency = uniform(random, settings.latency - jitter, settings.latency + jitter);
    return { fate, latency };
  };
  const after = (delay: Ms, run: () => void): void => {
    if (delay <= 0) gate.pass(run);
    else setTimeout(gate.pass, delay, run).unref();
  };
  return {
    begin,
    after,
    fault: () => (faults.length === 0 ? null : (drawn(faults, random.next()) ?? null)),
    play(answer) {
      const { fate, latency } = begin();
      if (fate !== "hang") after(latency, () => answer(fate, latency));
    },
    become(next) {
      settings = next;
      fateOf = fates(next);
      faults = Object.entries(next.faults ?? {});
      called = false;
    },
  };
}

function fates(settings: StandIn): (draw: number) => Fate {
  const shares: readonly (readonly [Fate, number])[] = [
    ["limited", settings.limit_rate],
    ["error", settings.error_rate],
    ["hang", settings.hang_rate],
    ["soft-error", settings.soft_error_rate],
  ];
  return (draw) => drawn(shares, draw) ?? "ok";
}

/** Which of the shares a draw of 0..1 falls into; undefined in none. */
function drawn<T>(shares: readonly (readonly [T, number])[], draw: number): T | undefined {
  let left = draw;
  for (const [what, share] of shares) {
    if (left < share) return what;
    left -= share;
  }
  return undefined;
}

/** Lets everything pass, or holds it back until it opens again. */
interface Gate {
  pass(run: () => void): void;
  shut(): void;
  open(): void;
}

function createGate(): Gate {
  let waiting: (() => void)[] | null = null;
  return {
    pass(run) {
      if (waiting === null) run();
      else waiting.push(run);
    },
    shut() {
      waiting ??= [];
    },
    open() {
      const held = waiting ?? [];
      waiting = null;
      for (const run of held) run();
    },
  };
}

function startClocks({ freeze, away, dies_after }: StandIn, gate: Gate, door: Door): void {
  if (dies_after !== undefined) setTimeout(door.shut, dies_after).unref();
  if (away !== undefined) {
    setTimeout(door.shut, away.at).unref();
    setTimeout(door.open, away.at + away.for);
  }
  if (freeze === undefined) return;
  if (freeze.at === 0) gate.shut();
  else setTimeout(gate.shut, freeze.at).unref();
  setTimeout(gate.open, freeze.at + freeze.for).unref();
}
