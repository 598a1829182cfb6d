/** A service under a spike, second by second: Poisson arrivals, a heavy-tailed latency that drifts, binomial errors. */
import type { WatchedSecond } from "../core/ledger.ts";
import { normal, type Random } from "../core/random.ts";

export interface Spike {
  readonly perSecond: number;
  /** Shift of ln latency and rate of errors, `t` seconds after the spike. */
  readonly after: (t: number) => { readonly shift: number; readonly errors: number };
}

export const BEFORE = 60;
export const STRESS = 30;
export const AFTER = 120;
const IN_STRESS = { shift: 1, errors: 0.2 };
const AT_REST = { shift: 0, errors: 0.001 };

/** Back at once after so many seconds. */
export const step =
  (seconds: number): Spike["after"] =>
  (t) =>
    t < seconds ? IN_STRESS : AT_REST;

/** Back by e^-x, with 3 % of the shift left after so many seconds. */
export const decay =
  (seconds: number): Spike["after"] =>
  (t) => ({
    shift: Math.exp((-t * Math.log(1 / 0.03)) / seconds),
    errors: t < 0.6 * seconds ? Math.max(AT_REST.errors, 0.2 * Math.exp((-3 * t) / seconds)) : AT_REST.errors,
  });

/** Stays 49 % slower, with 2 % of errors. */
export const never: Spike["after"] = () => ({ shift: 0.4, errors: 0.02 });

function poisson(random: Random, mean: number): number {
  const limit = Math.exp(-mean);
  let product = random.next();
  let n = 0;
  while (product > limit) {
    product *= random.next();
    n++;
  }
  return n;
}

function stateAt({ after }: Spike, second: number): ReturnType<Spike["after"]> {
  if (second < BEFORE) return AT_REST;
  return second < BEFORE + STRESS ? IN_STRESS : after(second - BEFORE - STRESS);
}

/** 40 ms, 10 % of it four times that; in 8 % of seconds 15 % of the calls take 60 ms more. */
function latencyOf(random: Random, scale: number, hiccup: boolean): number {
  const tail = random.next() < 0.1;
  const own = tail ? 4 * Math.exp(0.5 * normal(random)) : Math.exp(0.35 * normal(random));
  return 40 * scale * own + (hiccup && random.next() < 0.15 ? 60 : 0);
}

/** The seconds of one run; drift is an AR(1) of standard deviation 4 % and time constant 15 s. */
export function simulate(spike: Spike, random: Random): WatchedSecond[] {
  const memory = Math.exp(-1 / 15);
  let drift = 0.04 * normal(random);
  return Array.from({ length: BEFORE + STRESS + AFTER }, (_, second) => {
    drift = memory * drift + 0.04 * Math.sqrt(1 - memory * memory) * normal(random);
    const { shift, errors } = stateAt(spike, second);
    const hiccup = random.next() < 0.08;
    const n = poisson(random, spike.perSecond);
    const latency = Array.from({ length: n }, () => latencyOf(random, Math.exp(drift + shift), hiccup));
    const failures = latency.filter(() => random.next() < errors).length;
    latency.sort((a, b) => a - b);
    return { n, failures, inFlight: 0, ...(n > 0 && { p95: latency[Math.ceil(0.95 * n) - 1]! }) };
  });
}
