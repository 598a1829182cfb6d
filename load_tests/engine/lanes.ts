/** What has come from each worker of a run and waits for the others' part of the same second. */
import type { Ms } from "../core/model.ts";
import { mergeSnapshots, type Snapshot } from "../core/snapshot.ts";

export interface Lane {
  readonly waiting: Snapshot[];
  ended: boolean;
  /** The last phase that it is through with; -1 before. */
  through: number;
  /** Ids of the run, by the worker's own, where these may differ. */
  readonly ids: Map<number, number>;
  /** When its load ended; the end of its last whole second before that. */
  at: Ms;
  /** Ticks of the main thread's second since it was last heard of: none while the whole process stands still. */
  silent: number;
}

export const openLane = (): Lane => ({ waiting: [], ended: false, at: 0, ids: new Map(), through: -1, silent: 0 });

/** Gives every second that all workers have told, those that ended not counted. */
export function giveWhole(lanes: readonly Lane[], give: (snapshot: Snapshot) => void): void {
  while (lanes.some((lane) => lane.waiting.length > 0)) {
    if (lanes.some((lane) => !lane.ended && lane.waiting.length === 0)) return;
    const from = Math.min(...lanes.flatMap((lane) => lane.waiting.slice(0, 1).map((snapshot) => snapshot.from)));
    const parts = lanes.filter((lane) => lane.waiting[0]?.from === from).map((lane) => lane.waiting.shift()!);
    give(mergeSnapshots(parts));
  }
}
