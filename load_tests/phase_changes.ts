/** The lines that the log has of each change of phase: of the one that ends, and of the one that follows. */
import type { Ledger } from "./core/ledger.ts";
import type { Snapshot } from "./core/snapshot.ts";
import { phaseLine } from "./reports/phase_line.ts";

/** Gives the lines that are due after a second, whose calls are counted. */
export function phaseChanges(ledger: Ledger): (snapshot: Snapshot) => string[] {
  let ended = 0;
  let begun = 0;
  return ({ to, users, late = false }) => {
    const { phases } = ledger.header.scenario;
    const lines: string[] = [];
    const line = (what: "ends" | "began", phase: number) =>
      lines.push(phaseLine(what, ledger.result("completed", to, ""), { phase, users }));
    while (!late) {
      const next = phases[ended + 1];
      if (begun < ended && to > phases[ended]!.start) line("began", ++begun);
      else if (begun === ended && next !== undefined && to >= next.start) line("ends", ended++);
      else break;
    }
    return lines;
  };
}
