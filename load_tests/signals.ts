/** Ctrl-C and SIGTERM: the first asks for a graceful stop, a second of the same kind stops at once. */

export interface StopSignal {
  readonly requested: boolean;
  /** Aborts with the first signal. */
  readonly signal: AbortSignal;
  /** What a second signal still waits for; a third waits for nothing. */
  owe(debt: Promise<void>): void;
}

type Kind = "SIGINT" | "SIGTERM";

/** A terminal and npm may both hand on the same key press: closer than this it is one signal. */
const SAME_PRESS_MS = 300;

/** What this module needs of `process`. */
export interface SignalSource {
  on(kind: Kind, listener: () => void): unknown;
}

/** Listens until the process ends. `stopNow` is called for the second signal of a kind. */
export function listenForStop(source: SignalSource, now: () => number, stopNow: () => void): StopSignal {
  const controller = new AbortController();
  const seen = new Map<Kind, number>();
  let debt: Promise<void> | null = null;
  const payThenStop = (): void => {
    const open = debt;
    debt = null;
    if (open === null) stopNow();
    else void open.finally(stopNow);
  };
  for (const kind of ["SIGINT", "SIGTERM"] as const) {
    source.on(kind, () => {
      const before = seen.get(kind);
      if (before !== undefined && now() - before < SAME_PRESS_MS) return;
      seen.set(kind, now());
      if (before !== undefined) payThenStop();
      else controller.abort();
    });
  }
  return {
    signal: controller.signal,
    owe: (more) => {
      debt = debt === null ? more : Promise.all([debt, more]).then(() => {});
    },
    get requested() {
      return controller.signal.aborted;
    },
  };
}
