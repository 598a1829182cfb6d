/** A line of the log of requests, and the figures of a function at one of its addresses. */
import { Histogram } from "../core/histogram.ts";
import { LOGGED_CHARACTERS, type LoggedCall } from "../core/logged_call.ts";
import { type Mask, maskDeep } from "../core/mask.ts";
import type { RunHeader } from "../core/model.ts";

/** Where the calls of an op go. */
export interface Place {
  readonly functionId: string;
  readonly baseUrl: string;
  /** Statuses are numbers, and those of the protocol's own words are none. */
  readonly http: boolean;
}

/** By op; of those too that the header comes to know while the run goes on. */
export function placesOf({ ops, scenario }: RunHeader): (op: number) => Place {
  const places: Place[] = [];
  return (op) => {
    for (const { service: name, host, protocol } of ops.slice(places.length)) {
      const service = scenario.services.find((each) => each.name === name);
      places.push({ functionId: name, baseUrl: host ?? service?.host ?? "", http: protocol !== "grpc" });
    }
    return places[op]!;
  };
}

const SCHEME = /^([a-z][a-z\d+.-]*:\/\/[^/?#]*)/i;

/** The address that was asked: the path is below the address's host. */
export function urlOf({ baseUrl, http }: Place, path: string): string {
  if (path === "") return baseUrl;
  const origin = SCHEME.exec(baseUrl)?.[1] ?? `${http ? "http://" : ""}${baseUrl.split("/")[0]}`;
  return origin + path;
}

export function statusOf({ http }: Place, { status }: LoggedCall): number | string | null {
  if (/^\d+$/.test(status)) return Number(status);
  return http || status === "" ? null : status;
}

const errorOf = ({ outcome, message, status }: LoggedCall): string | null =>
  outcome === "ok"
    ? null
    : message === ""
      ? `${outcome}${status === "" ? "" : ` ${status}`}`
      : `${outcome}: ${message}`;

/** The answer, masked: as JSON where it is that and whole, else its beginning. */
function answerOf(body: string, mask: Mask): object {
  if (body === "") return {};
  if (body.length <= LOGGED_CHARACTERS) {
    try {
      return { response_json: maskDeep(JSON.parse(body) as unknown, mask) };
    } catch {
      // It is none.
    }
  }
  return { response_snippet: mask.text(body).slice(0, LOGGED_CHARACTERS) };
}

export interface Recorded {
  readonly runId: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly index: number;
  readonly phase: "warmup" | "measured";
}

const THOUSANDTHS = 1000;

/** The line, with its end. */
export function lineOf(
  call: LoggedCall,
  place: Place,
  { runId, startedAt, index, phase }: Recorded,
  mask: Mask,
): string {
  const record = {
    run_id: runId,
    ts_utc: new Date(startedAt + call.start).toISOString(),
    request_index: index,
    phase,
    function_id: place.functionId,
    base_url: mask.text(place.baseUrl),
    url: mask.text(urlOf(place, call.path)),
    latency_ms: latencyOf(call),
    status_code: statusOf(place, call),
    request_bytes: call.requestBytes,
    response_bytes: call.responseBytes,
    error: errorOf(call),
    ...answerOf(call.body, mask),
  };
  return `${JSON.stringify(record)}\n`;
}

/** From when it was due. */
export const latencyOf = ({ due, start, end }: LoggedCall): number =>
  Math.round((end - Math.min(due, start)) * THOUSANDTHS) / THOUSANDTHS;

/** What the summary says of one function at one address. */
export class Figures {
  private readonly latency = new Histogram();
  private readonly statuses = new Map<string, number>();
  private count = 0;
  private ok = 0;
  private request = 0;
  private response = 0;

  add(call: LoggedCall, place: Place): void {
    this.count++;
    if (call.outcome === "ok") this.ok++;
    this.latency.record(latencyOf(call));
    this.request += call.requestBytes;
    this.response += call.responseBytes;
    const status = String(statusOf(place, call));
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
  }

  toJSON(): object {
    const { latency, count } = this;
    return {
      count,
      ok_count: this.ok,
      error_count: count - this.ok,
      latency_ms: {
        p50: latency.percentile(0.5) ?? null,
        p95: latency.percentile(0.95) ?? null,
        p99: latency.percentile(0.99) ?? null,
        min: latency.min,
        max: latency.max,
        mean: latency.sum / Math.max(1, latency.count),
      },
      bytes: { request_mean: this.request / Math.max(1, count), response_mean: this.response / Math.max(1, count) },
      http_status_counts: Object.fromEntries([...this.statuses].sort(([a], [b]) => a.localeCompare(b))),
    };
  }
}
