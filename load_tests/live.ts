/** What the terminal shows of a run under way. */
import type { Ledger, Second } from "./core/ledger.ts";
import type { Snapshot } from "./core/snapshot.ts";
import type { Live } from "./reports/console.ts";

/** Seconds over which the rate shown is taken. */
const LATELY = 5;

export function liveOf(ledger: Ledger, { to, users }: Snapshot): Live {
  const { phases, duration } = ledger.header.scenario;
  const { seconds } = ledger;
  const recent = seconds.slice(-LATELY);
  const sum = (rows: readonly Second[], pick: (row: Second) => number) =>
    rows.reduce((total, row) => total + pick(row), 0);
  const latest = seconds.at(-1);
  const phase = to > duration ? "drain" : phases.findLast(({ start }) => start < to)?.name;
  return {
    phase: phase ?? "",
    elapsed: to,
    duration,
    users,
    rps: sum(recent, (row) => row.requests) / Math.max(1, recent.length),
    p50: latest?.p50,
    p95: latest?.p95,
    failures: sum(seconds, (row) => row.failures),
    requests: sum(seconds, (row) => row.requests),
    phases,
  };
}
