/** When users come who the plan has come at once: one after the other, as fast as a worker can open their connections. */
import type { Ms, Segment } from "../core/model.ts";
import { levelAt, type Presence, presencesOf } from "../core/schedule.ts";

/** To open a connection and send the first call takes 0.15 to 0.2 ms of a core. */
const APART: Ms = 0.25;
/** The first users of a run take 1 to 5 ms each: what they run is not compiled yet. */
const COLD_APART: Ms = 5;
const COLD_USERS = 20;

/**
 * The spans of user k, each beginning a quarter of a millisecond after the user before it where the level jumps: 4,000
 * users a second; the first 20 of a run come 5 ms apart. Many calls in one instant would only wait for one another, and be
 * late by the generator's own fault.
 */
export const spansOf = (segments: readonly Segment[], k: number): Presence[] =>
  presencesOf(segments, k).map(({ from, to }) => ({ from: Math.min(to, from + delay(segments, from, k)), to }));

function delay(segments: readonly Segment[], from: Ms, k: number): Ms {
  const before = ahead(segments, from, k);
  const cold = from === 0 ? Math.min(before, COLD_USERS) : 0;
  return before * APART + cold * (COLD_APART - APART);
}

/** How many come at the same instant before user k. */
function ahead(segments: readonly Segment[], at: Ms, k: number): number {
  const before = levelAt(segments, at - 1e-3);
  return Math.max(0, k - Math.ceil(before - 1e-6));
}
