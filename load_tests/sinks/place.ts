/** Where calls go, as the log of requests and sinks say it. */
import type { LoggedCall } from "../core/logged_call.ts";
import type { Ms, RunHeader } from "../core/model.ts";

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

export function statusOf({ http }: Place, status: string): number | string | null {
  if (/^\d+$/.test(status)) return Number(status);
  return http || status === "" ? null : status;
}

const THOUSANDTHS = 1000;

/** From when it was due, in whole thousandths of a millisecond. */
export const microsecondsOf = ({ due, start, end }: LoggedCall): number =>
  Math.round((end - Math.min(due, start)) * THOUSANDTHS);

/** From when it was due, in thousandths. */
export const latencyOf = (call: LoggedCall): Ms => microsecondsOf(call) / THOUSANDTHS;
