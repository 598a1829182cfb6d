/** The acceptance criteria that ship. */
import type { Criterion } from "../core/plugin.ts";
import { errors } from "./errors.ts";
import { growth } from "./growth.ts";
import { health } from "./health.ts";
import { percentile } from "./percentile.ts";
import { recovery } from "./recovery.ts";
import { resource } from "./resource.ts";
import { slo } from "./slo.ts";
import { throughput } from "./throughput.ts";

export const criteria: readonly Criterion[] = [percentile, errors, throughput, slo, recovery, growth, resource, health];
