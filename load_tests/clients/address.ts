/** Where a service is, as its `host` says: an http(s) or ws(s) URL, or a bare host:port. */

export interface Address {
  readonly secure: boolean;
  /** Without the brackets of IPv6. */
  readonly hostname: string;
  readonly port: number;
  /** `hostname:port`, as messages and the Host header have it. */
  readonly authority: string;
  /** Path in front of every endpoint's own: "" or "/base". */
  readonly path: string;
  /** User and password of the URL; null without. */
  readonly login: { readonly user: string; readonly password: string } | null;
}

const SCHEMES: Readonly<Record<string, { secure: boolean; port: number }>> = {
  "http:": { secure: false, port: 80 },
  "ws:": { secure: false, port: 80 },
  "https:": { secure: true, port: 443 },
  "wss:": { secure: true, port: 443 },
};

/** What messages say of a host that cannot be read. */
export const EXPECTED_ADDRESS =
  "expected an address such as http://localhost:8080, https://api.example.com/base or localhost:8080";

/** A path alone, a scheme with one slash, and what is nearly `embedded`, would else pass as names of hosts. */
const SLIPS = /^\/|^(https?|wss?):(?!\/\/)|^emb?ed{1,2}ed{0,2}$/i;
const HOSTNAME = /^([\w.-]+|\[[0-9a-f:.]+\])$/i;

/** Undefined where the text is no address. */
export function parseAddress(text: string): Address | undefined {
  if (text !== "embedded" && SLIPS.test(text)) return undefined;
  const url = urlOf(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`);
  const scheme = SCHEMES[url?.protocol ?? ""];
  if (url === null || scheme === undefined || url.search !== "" || url.hash !== "" || /\s/.test(text)) return undefined;
  const port = url.port === "" ? scheme.port : Number(url.port);
  if (!HOSTNAME.test(url.hostname)) return undefined;
  return {
    secure: scheme.secure,
    hostname: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    port,
    authority: `${url.hostname}:${port}`,
    path: url.pathname.replace(/\/+$/, ""),
    login: url.username === "" ? null : { user: decoded(url.username), password: decoded(url.password) },
  };
}

/** Throws where the service's host is no address. */
export function addressOf({ name, host }: { readonly name: string; readonly host: string }): Address {
  const address = parseAddress(host);
  if (address === undefined) throw new Error(`${name}: ${EXPECTED_ADDRESS}, found "${withoutLogin(host)}"`);
  return address;
}

/** The host as reports may show it: without user and password. */
export const withoutLogin = (text: string): string => text.replace(/^([a-z][a-z0-9+.-]*:\/\/)?[^/@]*@/i, "$1");

function urlOf(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
