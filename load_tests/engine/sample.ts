/** What is recorded of one ended call. */
import type { Ms, Outcome } from "../core/model.ts";

/** What one ended call gives; times on the run's clock. */
export interface Sample {
  readonly op: number;
  readonly phase: number;
  readonly due: Ms;
  readonly start: Ms;
  readonly ended: Ms;
  readonly outcome: Outcome;
  readonly status: string;
  readonly message: string;
  readonly sentBytes: number;
  readonly receivedBytes: number;
  readonly items: number;
  /** First and last item; negative without. */
  readonly first: Ms;
  readonly last: Ms;
  /** Values of `Op.extra` by their place among the metrics, where objectives ask for them. */
  readonly values: readonly number[] | null;
  /** 1 passed, -1 failed, 0 none. */
  readonly checked: number;
  /** The answer's text, masked and bounded; asked only for the first failures of a kind. */
  excerpt(): string;
}

/** Where the metrics of an op are among its series' histograms; -1 where it has none of that sort. */
export interface MetricPlaces {
  readonly names: readonly string[];
  readonly first: number;
  readonly gap: number;
  /** Of `Op.extra[0]`. */
  readonly extra: number;
}

/** From when latency counts: the due, or the send where that was early. */
export const feltFrom = ({ due, start }: Pick<Sample, "due" | "start">): Ms => Math.min(due, start);
