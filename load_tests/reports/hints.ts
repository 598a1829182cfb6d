/** What to do about a failure, where its kind says it. */
import { mergeHistograms } from "../core/histogram.ts";
import type { RunResult } from "../core/ledger.ts";
import type { Outcome } from "../core/model.ts";
import type { EndpointCalls } from "./endpoints.ts";
import type { FailureType } from "./failures.ts";
import { time } from "./figures.ts";

interface Rule {
  readonly fits: (failure: FailureType) => boolean;
  readonly hint: string;
}

const status =
  (...codes: string[]): Rule["fits"] =>
  (failure) =>
    codes.includes(failure.status);
const outcome =
  (...names: Outcome[]): Rule["fits"] =>
  (failure) =>
    names.includes(failure.outcome);
const untrusted = /self.signed|certificate|unable to verify|altname/i;
const unknownName = /ENOTFOUND|EAI_AGAIN|name resolution failed/i;
const tooLarge = /larger than max|message too (big|large)|too large/i;

/** The first that fits is told. */
const RULES: readonly Rule[] = [
  {
    fits: (failure) => failure.status === "413" || failure.status === "1009",
    hint: "the message is larger than the server takes: raise its limit (nginx: client_max_body_size), send less, or name the data by a link instead of putting it in the message",
  },
  {
    fits: (failure) => failure.status === "RESOURCE_EXHAUSTED" && tooLarge.test(failure.message),
    hint: "the message is larger than one side takes: raise the server's max message size, or send less",
  },
  {
    fits: status("UNIMPLEMENTED"),
    hint: "the server does not have this method: leave it out by `methods`, or look at the package and the service in the proto",
  },
  {
    fits: outcome("limited"),
    hint: "this is the service's rate limit, not its capacity: raise the limit for the test, or bring less load",
  },
  {
    fits: status("401", "UNAUTHENTICATED"),
    hint: "the service wants other credentials: see `auth` of the service and the variables that it names",
  },
  {
    fits: status("403", "PERMISSION_DENIED"),
    hint: "the service knows these credentials and does not allow the call: give the test's user the right, or use another",
  },
  {
    fits: ({ outcome: what, status: code, message }) => what === "refused" && untrusted.test(`${code} ${message}`),
    hint: "the server's certificate is not trusted here: name its authority by `tls: { ca: ca.pem }`, or `verify: false` for a test",
  },
  {
    fits: ({ outcome: what, status: code, message }) => what === "refused" && unknownName.test(`${code} ${message}`),
    hint: "this machine does not know the host's name: look at its spelling, at DNS, and at the network (of a container, too)",
  },
  {
    fits: status("CONNECT_TIMEOUT", "ETIMEDOUT"),
    hint: "no connection was had in time: look at firewalls and network policies; `connect_timeout` waits longer",
  },
  {
    fits: outcome("refused"),
    hint: "nothing listened at that address: start the service, or name its address by --host SERVICE=ADDRESS",
  },
  {
    fits: outcome("reset"),
    hint: "the server closed the connection before its answer was whole: look at its logs for a crash, its memory, or a proxy's timeout",
  },
  {
    fits: status("502", "503", "504", "UNAVAILABLE"),
    hint: "the service, or one behind it, is down or has more than it can take: look at its logs and resources, or bring less load",
  },
];

const HALF = 0.5;

/** The time that a call of this endpoint had, in milliseconds. */
function limitOf({ info }: EndpointCalls, result: RunResult): number | null {
  const service = result.header.scenario.services.find(({ name }) => name === info.service);
  return service?.timeout ?? null;
}

/** Where answers that came needed more than half of the limit, the limit is near the service's own time. */
function timeoutHint(calls: EndpointCalls, result: RunResult): string {
  const limit = limitOf(calls, result);
  const own = mergeHistograms(calls.series.map(({ service }) => service)).percentile(HALF);
  const given = "raise `timeout` of the service or `deadline` of the call, if it is meant to take that long";
  if (limit === null || own === undefined || own < limit * HALF) return given;
  return own >= limit * 0.99
    ? `most calls were cut: the service needs longer than it is given; ${given}`
    : `half of the calls need more than ${time(own)}, so the limit is near the service's own time; ${given}`;
}

/** One sentence without a full stop; null where nothing is known. */
export function hintOf(failure: FailureType, calls: EndpointCalls, result: RunResult): string | null {
  if (failure.outcome === "timeout") return timeoutHint(calls, result);
  return RULES.find(({ fits }) => fits(failure))?.hint ?? null;
}
