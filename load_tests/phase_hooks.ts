/** Does the hooks of a run's phases, one at a time: each once, and the leaving ones of all phases that were entered. */
import { hookText } from "./core/hook.ts";
import type { Hook, Ms, Phase } from "./core/model.ts";
import { type HookEnd, runHook } from "./hook.ts";

export interface PhaseHooks {
  /** The run's clock stands at `now`: from here on phases begin and end by it. */
  start(now: Ms): void;
  /** Of phases whose times the plan does not know: leaves the one before this position, and enters the one at it. */
  begin(index: number): Promise<void>;
  /** No further phase is entered, and those that were are left. Resolves once the last hook has ended. */
  finish(): Promise<void>;
}

export interface HookHost {
  /** A line for the log. */
  log(line: string): void;
  failed(sentence: string): void;
  run?(hook: Hook): Promise<HookEnd>;
}

/** The longest that a timer of Node can wait is shorter than a run can be. */
const LONGEST_WAIT: Ms = 2 ** 30;

const hasHooks = ({ onEnter, onExit }: Phase): boolean => onEnter !== undefined || onExit !== undefined;

export function phaseHooks(phases: readonly Phase[], host: HookHost): PhaseHooks {
  const hooked = phases.filter(hasHooks);
  const entered = new Set<Phase>();
  const timers = new Set<NodeJS.Timeout>();
  let last: Promise<void> = Promise.resolve();
  let over = false;
  const then = (act: () => Promise<void>): void => {
    last = last.then(act);
  };
  const enter = (phase: Phase): void =>
    then(async () => {
      if (over) return;
      entered.add(phase);
      await doHook("on_enter", phase, host);
    });
  const leave = (phase: Phase): void =>
    then(async () => {
      if (entered.delete(phase)) await doHook("on_exit", phase, host);
    });
  const after = (wait: Ms, act: () => void): void => {
    const timer = setTimeout(
      () => {
        timers.delete(timer);
        if (wait <= LONGEST_WAIT) act();
        else after(wait - LONGEST_WAIT, act);
      },
      Math.max(0, Math.min(wait, LONGEST_WAIT)),
    );
    timers.add(timer);
  };
  return {
    start: (now) => {
      for (const phase of hooked) {
        after(phase.start + phase.duration - now, () => leave(phase));
        after(phase.start - now, () => enter(phase));
      }
    },
    begin: (index) => {
      for (const phase of phases.slice(0, index)) leave(phase);
      enter(phases[index]!);
      return last;
    },
    finish: () => {
      over = true;
      for (const timer of timers) clearTimeout(timer);
      for (const phase of hooked) leave(phase);
      return last;
    },
  };
}

async function doHook(when: "on_enter" | "on_exit", phase: Phase, host: HookHost): Promise<void> {
  const hook = when === "on_enter" ? phase.onEnter : phase.onExit;
  if (hook === undefined) return;
  const place = `phase ${phase.name}, ${when}`;
  host.log(`${place}: ${hookText(hook)}`);
  const { output, failure } = await (host.run ?? runHook)(hook);
  for (const line of output.split("\n").filter((each) => each.trim() !== "")) host.log(`${place}: ${line}`);
  if (failure !== null) host.failed(`${place}: ${hookText(hook)} failed: ${failure}`);
}
