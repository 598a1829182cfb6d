/** What carries the calls of a service over HTTP/1.1: our own driver, or undici. */
import type { Driver } from "../../core/model.ts";
import type { Resolver } from "../../core/plugin.ts";
import type { Address } from "../address.ts";
import { Http1Connection } from "./http1/connection.ts";
import { type Manner, mannerOf } from "./http1/written.ts";
import type { OpenLine } from "./lane.ts";

/** The fast one by itself, wherever it covers the service: it does not speak HTTP/2. */
export function resolveDriver(raw: Driver | undefined, http2: boolean, at: Resolver): Driver {
  if (raw === "fast" && http2)
    at.issue(["driver"], "expected driver: reference beside http2, found fast, which speaks HTTP/1.1: leave one out");
  return raw ?? (http2 ? "reference" : "fast");
}

/** All connections of a client to an address write their requests in one manner. */
function openFast(): OpenLine {
  const manners = new WeakMap<Address, Manner>();
  return (address, hub, lane) => {
    const manner =
      manners.get(address) ?? mannerOf(address, hub.keep, address.secure ? null : hub.roads.proxyFor(address));
    manners.set(address, manner);
    return new Http1Connection(manner, hub, lane);
  };
}

/** What opens a driver's connections. undici is read only where it is used: that takes a tenth of a second. */
export const openerOf = async (driver: Driver): Promise<OpenLine> =>
  driver === "fast" ? openFast() : (await import("./reference.ts")).openReference;
