/** A line of the log of requests, and the figures of a function at one of its addresses. */
import { Histogram } from "../core/histogram.ts";
import { LOGGED_CHARACTERS, type LoggedCall } from "../core/logged_call.ts";
import { isHarmless, type Mask, maskDeep } from "../core/mask.ts";
import type { RunHeader } from "../core/model.ts";

/** Where the calls of an op go. */
export interface Place {
  readonly functionId: string;
  readonly baseUrl: string;
  /** Of its URLs. */
  readonly origin: string;
  /** Statuses are numbers, and those of the protocol's own words are none. */
  readonly http: boolean;
}

/** By op; of those too that the header comes to know while the run goes on. */
export function placesOf({ ops, scenario }: RunHeader): (op: number) => Place {
  const places: Place[] = [];
  return (op) => {
    const known = places[op];
    if (known !== undefined) return known;
    for (const { service: name, host, protocol } of ops.slice(places.length)) {
      const service = scenario.services.find((each) => each.name === name);
      const baseUrl = host ?? service?.host ?? "";
      const http = protocol !== "grpc";
      places.push({ functionId: name, baseUrl, origin: originOf(baseUrl, http), http });
    }
    return places[op]!;
  };
}

const SCHEME = /^([a-z][a-z\d+.-]*:\/\/[^/?#]*)/i;

/** What stands before a path: the path is below the address's host. */
const originOf = (baseUrl: string, http: boolean): string =>
  SCHEME.exec(baseUrl)?.[1] ?? `${http ? "http://" : ""}${baseUrl.split("/")[0]}`;

/** The address that was asked. */
export const urlOf = ({ baseUrl, origin }: Place, path: string): string => (path === "" ? baseUrl : origin + path);

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

/** The answer, masked: as JSON where it is that and whole, else its beginning. With the comma before it. */
function answerText(body: string, mask: Mask): string {
  if (body === "") return "";
  const text = body.length <= LOGGED_CHARACTERS ? jsonText(body.trim(), mask) : null;
  if (text !== null) return `,"response_json":${text}`;
  return `,"response_snippet":${JSON.stringify(mask.text(body).slice(0, LOGGED_CHARACTERS))}`;
}

/** Null where it is none. Most answers hold nothing to mask: they stay as they are. */
function jsonText(body: string, mask: Mask): string | null {
  try {
    const value: unknown = JSON.parse(body);
    return isHarmless(body, mask) ? body : JSON.stringify(maskDeep(value, mask));
  } catch {
    return null;
  }
}

/** Writes ISO times; of the second before it keeps what is the same. */
export class Stamps {
  private second = Number.NaN;
  private text = "";

  /** `at`: milliseconds since 1970. */
  of(at: number): string {
    const second = Math.floor(at / 1000);
    if (second !== this.second) {
      this.second = second;
      this.text = new Date(second * 1000).toISOString().slice(0, -4);
    }
    return `${this.text}${String(Math.floor(at) - second * 1000).padStart(3, "0")}Z`;
  }
}

export interface Recorded {
  readonly runId: string;
  readonly index: number;
  readonly phase: "warmup" | "measured";
  /** ISO. */
  readonly at: string;
}

const THOUSANDTHS = 1000;

/** The line, with its end. Put together by hand, which takes a third of the time of an object and JSON.stringify. */
export function lineOf(call: LoggedCall, place: Place, { runId, at, index, phase }: Recorded, mask: Mask): string {
  const status = statusOf(place, call);
  const error = errorOf(call);
  return `{"run_id":"${runId}","ts_utc":"${at}","request_index":${index},"phase":"${phase}","function_id":${JSON.stringify(place.functionId)},"base_url":${JSON.stringify(mask.text(place.baseUrl))},"url":${JSON.stringify(mask.text(urlOf(place, call.path)))},"latency_ms":${latencyOf(call)},"status_code":${typeof status === "string" ? JSON.stringify(status) : status},"request_bytes":${call.requestBytes},"response_bytes":${call.responseBytes},"error":${error === null ? null : JSON.stringify(error)}${answerText(call.body, mask)}}\n`;
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
