/** Why a run sent nothing, said to people: exit code 97. */
import { terminal as inert } from "./core/escape.ts";
import { createMask } from "./core/mask.ts";
import type { Missing } from "./engine/ready.ts";
import type { Outcome, RunSetup } from "./run_setup.ts";

export function notThere({ terminal, plan }: RunSetup, missing: readonly Missing[]): Outcome {
  const mask = createMask(plan.secrets);
  for (const { service, why } of missing) {
    const waited = `${service.name} at ${service.host} was not there within ${service.waitForReady / 1000} s`;
    terminal.print(inert(mask.text(`${waited}: ${why}`)));
  }
  terminal.print(
    "UNKNOWN: nothing was sent. Start what is missing, name its address by --host SERVICE=ADDRESS, or leave it out.",
  );
  return { exitCode: 97, report: null };
}

export function notSetUp({ terminal, plan }: RunSetup, problem: string): Outcome {
  terminal.print(inert(createMask(plan.secrets).text(problem)));
  terminal.print("UNKNOWN: nothing was sent.");
  return { exitCode: 97, report: null };
}
