/** Requests as the bytes that go out (RFC 9112 3). */
import type { Address } from "../../address.ts";
import type { HttpProxy } from "../proxy.ts";
import type { HttpRequest, Written } from "../request.ts";

/** What a client says in each of its requests to an address. */
export interface Manner {
  readonly address: Address;
  readonly host: string;
  /** As a line. */
  readonly connection: string;
  /** In front of each path, for a proxy that is asked for whole URLs (RFC 9112 3.2.2). */
  readonly origin: string;
  /** Lines behind all other headers. */
  readonly last: string;
}

/** `proxy` of a plain address. */
export function mannerOf(address: Address, keep: boolean, proxy: HttpProxy | null): Manner {
  const { secure, authority } = address;
  return {
    address,
    // A default port goes without saying (RFC 9110 7.2).
    host: new URL(`${secure ? "https" : "http"}://${authority}`).host,
    connection: `connection: ${keep ? "keep-alive" : "close"}\r\n`,
    origin: proxy === null ? "" : `http://${authority}`,
    last: proxy?.authorization ? `proxy-authorization: ${proxy.authorization}\r\n` : "",
  };
}

/** Methods that say a body's length even where there is none (RFC 9110 8.6). */
const WITH_BODY: ReadonlySet<string> = new Set(["POST", "PUT", "PATCH"]);
const NO_PATH = /^[^/]|[^\x21-\xff]/;

/** Throws an Error where the templates gave what cannot be written. One that is sent again is written once. */
export function written(request: HttpRequest, manner: Manner): Written {
  const { headers } = request;
  const { last } = headers;
  if (last !== null && last.request === request && last.manner === manner) return last;
  headers.last = write(request, manner);
  return headers.last;
}

/** A body of one byte a character becomes part of the text: one string is written faster than two buffers. */
function write(request: HttpRequest, manner: Manner): Written {
  const { method, path, headers, body } = request;
  if (NO_PATH.test(path)) throw new Error("invalid request path");
  const { host, text: lines } = headers.written();
  const length = body === null ? 0 : typeof body === "string" ? Buffer.byteLength(body) : body.length;
  const size = length > 0 || WITH_BODY.has(method) ? `content-length: ${length}\r\n` : "";
  const head = `${method} ${manner.origin}${path} HTTP/1.1\r\nhost: ${host ?? manner.host}\r\n${manner.connection}${lines}${manner.last}${size}\r\n`;
  const isText = typeof body === "string" && body.length === length;
  return {
    request,
    manner,
    text: isText ? head + body : head,
    body: isText || length === 0 ? null : typeof body === "string" ? Buffer.from(body) : body,
    length: head.length + length,
  };
}
