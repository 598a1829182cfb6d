/** The run itself, from the first call to the end of the last: each second is judged, shown and kept. */
import { terminal as inert } from "./core/escape.ts";
import { createMask, type Mask, maskDeep } from "./core/mask.ts";
import type { Ended, Ms, Notice } from "./core/model.ts";
import { isStaged } from "./core/stages.ts";
import type { Fleet, FleetEnd } from "./engine/fleet.ts";
import type { Judgement } from "./judgement.ts";
import type { Listening } from "./listening.ts";
import { liveOf } from "./live.ts";
import { phaseChanges } from "./phase_changes.ts";
import { type PhaseHooks, phaseHooks } from "./phase_hooks.ts";
import type { RunRecord } from "./record.ts";
import type { RunSetup } from "./run_setup.ts";
import type { Sampling } from "./sampling.ts";
import type { Terminal } from "./terminal.ts";

/** Time for calls under way after Ctrl-C or a criterion that aborts. */
const STOP_DRAIN: Ms = 5_000;

export interface MeasuredSetup extends RunSetup {
  readonly sampling: Promise<Sampling>;
}

export interface Underway {
  readonly fleet: Fleet;
  readonly judgement: Judgement;
  readonly record: RunRecord;
  readonly listening: Listening;
  readonly mask: Mask;
}

export interface End extends FleetEnd {
  readonly ended: Ended;
}

export function tellOf(
  told: Notice,
  to: Pick<Underway, "judgement" | "record"> & { readonly terminal: Terminal },
): void {
  to.judgement.notice(told);
  to.record.notice(told);
  to.terminal.log(inert(told.text));
}

export async function drive(
  setup: MeasuredSetup,
  { fleet, judgement, record, listening, mask }: Underway,
): Promise<End> {
  const { stop, terminal } = setup;
  const sampling = await setup.sampling;
  let ended: Ended = "completed";
  const notice = (told: Notice): void => tellOf(told, { judgement, record, terminal });
  const hooks = hooksOf(setup, { terminal, notice });
  const staged = isStaged(judgement.scenario);
  if (staged) await hooks.begin(0);
  const endEarly = (why: Ended): void => {
    if (ended !== "completed") return;
    ended = why;
    fleet.stop(STOP_DRAIN);
    stop.owe(hooks.finish());
  };
  stop.signal.addEventListener("abort", () => endEarly("stopped"), { once: true });
  sampling.start({
    notice,
    readings: (t, readings) => {
      judgement.resources(t, readings);
      record.resources(t, readings);
    },
  });
  const changes = phaseChanges(judgement.ledger);
  const running = fleet.run({
    notice,
    exchange: (text) => terminal.print(`${text.split("\n").map(inert).join("\n")}\n`),
    begun: staged ? () => {} : hooks.start,
    between: hooks.begin,
    phase: (start) => {
      judgement.phase(start);
      record.phase(start);
    },
    calls: listening.calls,
    secret: (value) => {
      mask.add(value);
      listening.secret(value);
    },
    log: (text) => terminal.log(inert(text)),
    line: (info) => {
      const op = maskDeep(info, mask);
      judgement.line(op);
      record.line(op);
      listening.line(op);
    },
    second: (snapshot) => {
      judgement.add(snapshot);
      for (const line of changes(snapshot)) terminal.log(inert(line));
      record.second(snapshot);
      if (snapshot.late) return;
      terminal.progress(liveOf(judgement.ledger, snapshot));
      if (judgement.mustAbort(snapshot.to)) endEarly("aborted");
    },
  });
  if (stop.requested) endEarly("stopped");
  const end = await running.finally(hooks.finish);
  await sampling.close();
  return { ...end, ended: end.lost > 0 ? "failed" : ended };
}

function hooksOf(
  { plan, scenario }: RunSetup,
  { terminal, notice }: { terminal: Terminal; notice: (told: Notice) => void },
): PhaseHooks {
  const mask = createMask(plan.secrets);
  return phaseHooks(scenario.phases, {
    log: (line) => terminal.log(inert(mask.text(line))),
    failed: (sentence) => notice({ kind: "hook-failed", text: mask.text(sentence) }),
  });
}
