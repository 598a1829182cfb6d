/** The plug-ins that make load, one line each: all that a worker thread needs of the registry. */
import { grpc } from "./clients/grpc/index.ts";
import { rest } from "./clients/http/index.ts";
import { openai } from "./clients/sse/index.ts";
import { websocket } from "./clients/websocket/index.ts";
import type { Protocol } from "./core/plugin.ts";
import type { WorkloadKind } from "./core/workload.ts";
import { code } from "./workloads/code/code.ts";
import { requests } from "./workloads/requests.ts";
import { steps } from "./workloads/steps.ts";

export const protocols: readonly Protocol[] = [grpc, rest, websocket, openai];
export const workloads: readonly WorkloadKind[] = [requests, steps, code];
