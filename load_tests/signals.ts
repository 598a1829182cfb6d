/** Ctrl-C and SIGTERM: the first asks for a graceful stop, a second of the same kind stops at once. */

export interface StopSignal {
  readonly requested: boolean;
  /** Aborts with the first signal. */
  readonly signal: AbortSignal;
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
  for (const kind of ["SIGINT", "SIGTERM"] as const) {
    source.on(kind, () => {
      const before = seen.get(kind);
      if (before !== undefined && now() - before < SAME_PRESS_MS) return;
      seen.set(kind, now());
      if (before !== undefined) stopNow();
      else controller.abort();
    });
  }
  return {
    signal: controller.signal,
    get requested() {
      return controller.signal.aborted;
    },
  };
}
