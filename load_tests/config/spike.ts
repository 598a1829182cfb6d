/** The shape of a spike that is given by its users, spawn rate and duration alone. */
import type { Ms } from "../core/model.ts";
import type { Span } from "./segments.ts";

const LEVEL_SHARE = 0.2;

export interface Spike {
  /** Users, or arrivals per second, at the height of the spike. */
  readonly peak: number;
  /** Per second; undefined is at once. */
  readonly spawnRate?: number | undefined;
  readonly duration: Ms;
}

/**
 * A level of a fifth of the load for a fifth of the time, a surge to all of it at the spawn rate, the spike, and a
 * recovery back at the level for two fifths; surge and spike share what remains. A ramp that would not fit takes half
 * of its part, and is then faster than the spawn rate.
 */
export function spikeSpans({ peak, spawnRate, duration }: Spike, whole: boolean): Span[] {
  const level = whole ? Math.max(1, Math.round(peak * LEVEL_SHARE)) : peak * LEVEL_SHARE;
  const rest = (duration * 2) / 5;
  const before = duration / 5;
  const surge = spawnRate === undefined ? 0 : Math.min(((peak - level) / spawnRate) * 1000, rest / 2);
  const levelRate = spawnRate === undefined ? undefined : Math.max(spawnRate, level / (before / 2000));
  const spans: Span[] = [
    { name: "level", level, spawnRate: levelRate, duration: before, measured: true },
    { name: "surge", level: { to: peak }, duration: surge, measured: true },
    { name: "spike", level: peak, duration: rest - surge, measured: true },
    { name: "recovery", level, duration: rest, measured: true },
  ];
  return spans.filter((span) => span.duration > 0);
}

/** Whether the spawn rate is too slow for the time there is. */
export const spikeIsHurried = ({ peak, spawnRate, duration }: Spike): boolean =>
  spawnRate !== undefined &&
  ((peak * (1 - LEVEL_SHARE)) / spawnRate > duration / 5000 || (peak * LEVEL_SHARE) / spawnRate > duration / 10_000);
