/** Turns a REST service as written into the Service that runs, and reports what cannot be right. */
import type { Endpoint, Service } from "../../core/model.ts";
import type { Resolver } from "../../core/plugin.ts";
import { type Address, EXPECTED_ADDRESS, parseAddress, withoutLogin } from "../address.ts";
import { readEntry, THROWING } from "../code.ts";
import { checkHeaders, checkPath } from "../rules.ts";
import { commonOf, tagged } from "../service.ts";
import { resolveTls } from "../tls.ts";
import { resolveDriver } from "../wire/driver.ts";
import { resolveProxy } from "../wire/proxy.ts";
import { resolveAuth } from "./auth.ts";
import { resolveBody } from "./body_spec.ts";
import { endpoint, type RawEndpoint, type RawRest } from "./schema.ts";
import type { Auth, RestEndpoint, RestSettings } from "./settings.ts";

export function resolveRest(name: string, raw: RawRest, at: Resolver): Service {
  const address = resolveHost(raw, at);
  const auth = resolveAuth(raw.auth, at) ?? loginOf(address);
  checkHeaders(["headers"], raw.headers, at);
  if (raw.ready?.startsWith("/") === false)
    at.issue(["ready"], `expected a path that begins with "/", found "${raw.ready}"`);
  const { headers, redirects, http2, compression, connections = null, ready = null } = raw;
  const secure = address?.secure ?? false;
  if (http2 && !secure)
    at.issue(["http2"], "expected an https:// host beside http2, which is agreed upon in the TLS handshake");
  const tls = resolveTls(raw.tls, secure, at);
  const proxy = resolveProxy(raw.proxy, at);
  const settings: RestSettings = { headers, auth, connections, tls, proxy, http2, compression, redirects, ready };
  const authorizes = whoIsAuthorized(raw.endpoints);
  return {
    ...commonOf(name, raw),
    protocol: "rest",
    driver: resolveDriver(raw.driver, http2, at),
    endpoints: raw.endpoints.map((each, i) => resolveEndpoint(each, i, { at, auth, authorizes })),
    settings,
  };
}

/** Undefined for a stand-in, and for what is no address. */
function resolveHost({ host, auth }: RawRest, at: Resolver): Address | undefined {
  if (host === "embedded") return undefined;
  const address = parseAddress(host);
  if (address === undefined) at.issue(["host"], `${EXPECTED_ADDRESS}, found "${withoutLogin(host)}"`);
  else if (address.login && auth !== undefined)
    at.issue(["host"], "expected no user in the address beside `auth:`: keep one of them");
  return address;
}

/** User and password of the URL, as basic credentials. */
const loginOf = (address: Address | undefined): Auth | null =>
  address?.login ? { kind: "basic", ...address.login } : null;

/**
 * Credentials go with the endpoints that say `requires_auth: true`; where none says so, with all but those that say
 * `requires_auth: false`.
 */
function whoIsAuthorized(endpoints: readonly RawEndpoint[]): (endpoint: RawEndpoint) => boolean {
  const named = endpoints.some((each) => each.requires_auth === true);
  return (endpoint) => (named ? endpoint.requires_auth === true : endpoint.requires_auth !== false);
}

/** A call that code makes: an endpoint as written, read at its first use. Throws an Error with a sentence. */
export function endpointOfCode(entry: unknown, auth: Auth | null): Endpoint {
  const raw = readEntry(endpoint, entry);
  const authorizes = ({ requires_auth: asks }: RawEndpoint): boolean => asks !== false;
  return { ...resolveEndpoint(raw, 0, { at: THROWING, auth, authorizes }), keepsBody: true };
}

interface Context {
  readonly at: Resolver;
  readonly auth: Auth | null;
  readonly authorizes: (endpoint: RawEndpoint) => boolean;
}

function resolveEndpoint(raw: RawEndpoint, index: number, { at, auth, authorizes }: Context): Endpoint {
  const here = ["endpoints", index];
  checkPath([...here, "path"], raw.path, at);
  checkHeaders([...here, "headers"], raw.headers, at);
  at.templates([...here, "query"], raw.query);
  if (raw.requires_auth === true && auth === null)
    at.issue(
      [...here, "requires_auth"],
      "expected `auth:` in this service, found none: say how users log in, or leave requires_auth out",
    );
  const settings: RestEndpoint = {
    path: raw.path.replace(/^\/{2,}/, "/"),
    query: raw.query,
    headers: raw.headers,
    body: resolveBody(raw, here, at),
    authorized: auth !== null && authorizes(raw),
    timeout: raw.timeout ?? null,
  };
  return {
    name: raw.name ?? `${raw.method} ${raw.path}`,
    method: raw.method,
    weight: raw.weight,
    ...tagged(raw),
    checks: at.checks([...here, "checks"], raw.checks),
    settings,
  };
}
