/** Requests as every driver takes them. */

/** The headers of a request: names in small letters and values, in their order. */
export class RequestHeaders {
  /** Names and values in turn. */
  readonly pairs: readonly string[];
  /** The last request that was written with them. */
  last: Written | null = null;
  private lines: HeaderLines | null = null;

  constructor(pairs: readonly string[]) {
    this.pairs = pairs;
  }

  /** With one more, or with its value added behind `joint` where there is one of this name. */
  with(name: string, value: string, joint: string): RequestHeaders {
    const pairs = [...this.pairs];
    const at = pairs.findIndex((each, i) => i % 2 === 0 && each === name);
    if (at < 0) pairs.push(name, value);
    else pairs[at + 1] += joint + value;
    return new RequestHeaders(pairs);
  }

  without(names: ReadonlySet<string>): RequestHeaders {
    const { pairs } = this;
    return new RequestHeaders(pairs.filter((_, i) => !names.has(pairs[i - (i % 2)]!)));
  }

  /** Made once, as most requests of an endpoint have the same. Throws an Error where a name or a value cannot be one. */
  written(): HeaderLines {
    this.lines ??= linesOf(this.pairs);
    return this.lines;
  }
}

/** Headers as HTTP/1.1 has them, a line for each (RFC 9112 5). */
export interface HeaderLines {
  /** The value of `host`, which goes first; null where the address says it. */
  readonly host: string | null;
  /** All others. */
  readonly text: string;
}

const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const NO_VALUE = /[^\t\x20-\x7e\x80-\xff]/;

function linesOf(pairs: readonly string[]): HeaderLines {
  let host: string | null = null;
  let text = "";
  for (let i = 0; i < pairs.length; i += 2) {
    const name = pairs[i]!;
    const value = pairs[i + 1]!;
    if (!NAME.test(name)) throw new Error("invalid header key");
    if (NO_VALUE.test(value)) throw new Error(`invalid ${name} header`);
    if (name === "host") host = value;
    else text += `${name}: ${value}\r\n`;
  }
  return { host, text };
}

export interface HttpRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD" | "OPTIONS";
  readonly path: string;
  readonly headers: RequestHeaders;
  readonly body: Buffer | string | null;
}

/** A request in latin1, and what of its body is no part of that. */
export interface Written {
  readonly request: HttpRequest;
  /** What it was written by. */
  readonly manner: object;
  readonly text: string;
  readonly body: Buffer | null;
  /** In all. */
  readonly length: number;
}

const IDEMPOTENT: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "PUT", "DELETE"]);

/** Whether sending it twice means no more than sending it once (RFC 9110 9.2.2). */
export const isIdempotent = ({ method }: HttpRequest): boolean => IDEMPOTENT.has(method);
