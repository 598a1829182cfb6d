/** Where a redirect leads, and with what (RFC 9110 15.4, as browsers do it). */
import { type Address, parseAddress } from "../address.ts";
import type { HttpRequest } from "../wire/request.ts";

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** Headers that speak of the body that a redirect to GET leaves behind. */
const OF_BODY: ReadonlySet<string> = new Set(["content-type", "content-encoding", "content-language"]);
/** Headers that must not go to another origin. */
const OF_ORIGIN: ReadonlySet<string> = new Set(["authorization", "cookie", "host"]);

export const isRedirect = (status: number): boolean => status >= 300 && REDIRECTS.has(status);

/** The next request, and where it goes. Undefined where `location` is no http address. */
export function follow(
  from: { readonly address: Address; readonly request: HttpRequest },
  status: number,
  location: string,
): { address: Address; request: HttpRequest } | undefined {
  const here = `${from.address.secure ? "https" : "http"}://${from.address.authority}${from.request.path}`;
  if (!URL.canParse(location, here)) return undefined;
  const url = new URL(location, here);
  const address = /^https?:$/.test(url.protocol) ? parseAddress(url.origin) : undefined;
  if (address === undefined) return undefined;
  const same = address.authority === from.address.authority && address.secure === from.address.secure;
  const request = { ...withMethod(from.request, status), path: url.pathname + url.search };
  return { address: same ? from.address : address, request: same ? request : without(request, OF_ORIGIN) };
}

/** 303 asks for a GET; 301 and 302 turn a POST into one; 307 and 308 repeat the request. */
function withMethod(request: HttpRequest, status: number): HttpRequest {
  const { method } = request;
  const becomesGet = status === 303 ? method !== "HEAD" : status < 303 && method === "POST";
  return becomesGet ? without({ ...request, method: "GET", body: null }, OF_BODY) : request;
}

const without = (request: HttpRequest, names: ReadonlySet<string>): HttpRequest => ({
  ...request,
  headers: request.headers.without(names),
});
