/** Which proxy leads to an address: the config's own, else the environment's. */
import { BlockList, isIP, isIPv6 } from "node:net";
import type { Resolver } from "../../core/plugin.ts";
import { type Address, parseAddress, withoutLogin } from "../address.ts";

export interface HttpProxy {
  readonly address: Address;
  /** The value of `proxy-authorization`; null without credentials. */
  readonly authorization: string | null;
}

/** A proxy without its credentials, which stand beside it; `none` asks none, not even the environment's. */
export type ProxySettings = "none" | { readonly host: string; readonly user: string | null; readonly password: string };

export type ProxyFinder = (address: Address) => HttpProxy | null;
type Environment = Readonly<Record<string, string | undefined>>;

export const noProxy: ProxyFinder = () => null;

/** A service's `proxy:`; null where it has none. */
export function resolveProxy(text: string | undefined, at: Resolver): ProxySettings | null {
  if (text === undefined) return null;
  if (text === "none") return text;
  const address = parseAddress(text);
  if (address === undefined || address.path !== "" || !/^(https?:|[^:]+:\d+$)/i.test(text)) {
    at.issue(
      ["proxy"],
      `expected the address of an HTTP proxy such as http://proxy:3128, or none, found "${withoutLogin(text)}"`,
    );
    return null;
  }
  const host = `${address.secure ? "https" : "http"}://${address.authority}`;
  return { host, user: address.login?.user ?? null, password: address.login?.password ?? "" };
}

/** What no report may show of a proxy's credentials: the password, and how it is sent. */
export const secretsOfProxy = (proxy: ProxySettings | null): string[] =>
  proxy === null || proxy === "none" || proxy.user === null
    ? []
    : [proxy.password, btoa(`${proxy.user}:${proxy.password}`)];

/** Throws an Error where the environment names a proxy that is no address. */
export function proxyFinder(settings: ProxySettings | null, env: Environment): ProxyFinder {
  if (settings === "none") return noProxy;
  if (settings === null) return ofEnvironment(env);
  const { host, user, password } = settings;
  const proxy = proxyAt("proxy", user === null ? host : withLogin(host, user, password));
  return () => proxy;
}

const withLogin = (host: string, user: string, password: string): string =>
  host.replace("://", `://${encodeURIComponent(user)}:${encodeURIComponent(password)}@`);

function ofEnvironment(env: Environment): ProxyFinder {
  const named = (scheme: string): HttpProxy | null => {
    for (const name of [`${scheme}_proxy`, `${scheme.toUpperCase()}_PROXY`, "all_proxy", "ALL_PROXY"])
      if (env[name]) return proxyAt(name, env[name]);
    return null;
  };
  const [plain, secure] = [named("http"), named("https")];
  if (plain === null && secure === null) return noProxy;
  const exempt = exemptions(env.no_proxy ?? env.NO_PROXY ?? "");
  return (address) => {
    const proxy = address.secure ? secure : plain;
    return proxy === null || isLoopback(address.hostname) || exempt(address) ? null : proxy;
  };
}

/** The proxy at an address such as `http://user:password@proxy:3128`. */
function proxyAt(name: string, text: string): HttpProxy {
  const address = parseAddress(text);
  if (address === undefined)
    throw new Error(`${name}: expected the address of an HTTP proxy such as http://proxy:3128, found another`);
  const { login } = address;
  const authorization =
    login === null ? null : `Basic ${Buffer.from(`${login.user}:${login.password}`).toString("base64")}`;
  return { address, authorization };
}

/** A proxy of the environment is not asked for the machine's own services. */
const isLoopback = (hostname: string): boolean => /^(localhost|127(\.\d+){3}|::1)$/i.test(hostname);

/** NO_PROXY as curl and Go read it: names with all below them, addresses, networks, each with a port or without. */
function exemptions(text: string): (address: Address) => boolean {
  const rules = text.split(/[\s,]+/).filter((rule) => rule !== "");
  if (rules.includes("*")) return () => true;
  const compiled = rules.map(exemption);
  return (address) => compiled.some((rule) => rule(address));
}

function exemption(rule: string): (address: Address) => boolean {
  const network = /^(.+)\/(\d+)$/.exec(rule);
  if (network !== null && isIP(network[1]!) !== 0) return inNetwork(network[1]!, Number(network[2]));
  const [, name = "", port] = /^(?:\*?\.)?(.*?)(?::(\d+))?$/.exec(isIPv6(rule) ? `[${rule}]` : rule)!;
  const host = name.replace(/^\[(.*)\]$/, "$1").toLowerCase();
  return (address) => {
    const hostname = address.hostname.toLowerCase();
    return (
      (port === undefined || Number(port) === address.port) && (hostname === host || hostname.endsWith(`.${host}`))
    );
  };
}

function inNetwork(network: string, bits: number): (address: Address) => boolean {
  const list = new BlockList();
  const family = isIPv6(network) ? "ipv6" : "ipv4";
  if (bits > (family === "ipv6" ? 128 : 32)) return () => false;
  list.addSubnet(network, bits, family);
  return ({ hostname }) => isIP(hostname) !== 0 && list.check(hostname, isIPv6(hostname) ? "ipv6" : "ipv4");
}
