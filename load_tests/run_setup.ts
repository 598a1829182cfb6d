/** What a run of one scenario is made from, and what it gives. */
import type { Before } from "./before_after.ts";
import type { Plan } from "./config/load.ts";
import type { Environment, Scenario } from "./core/model.ts";
import type { Report } from "./core/plugin.ts";
import { type Plugins, together } from "./core/plugins.ts";
import { SHIPPED } from "./plugins.ts";
import type { StopSignal } from "./signals.ts";
import type { Terminal } from "./terminal.ts";

export interface RunSetup {
  readonly plan: Plan;
  readonly scenario: Scenario;
  readonly environment: Environment;
  readonly terminal: Terminal;
  readonly stop: StopSignal;
  /** Each request and answer is printed. */
  readonly once?: boolean;
  /** What `--baseline` names. */
  readonly before: Before;
  /** Worker threads asked for. */
  readonly workers?: number;
}

export interface Outcome {
  readonly exitCode: number;
  /** Null where nothing was sent. */
  readonly report: Report | null;
}

export const pluginsOf = ({ plan }: Pick<RunSetup, "plan">): Plugins => together(SHIPPED, plan.plugins);
