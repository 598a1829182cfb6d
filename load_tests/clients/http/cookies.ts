/** A user's cookies (RFC 6265): by domain, path, expiry and secure. */
import { CookieJar } from "tough-cookie";
import type { Address } from "../address.ts";
import type { HttpRequest } from "../wire/carried.ts";

/** The values of `set-cookie` in an answer's raw headers; null without, as most answers are. */
export function cookiesSet(headers: readonly Buffer[]): string[] | null {
  let found: string[] | null = null;
  for (let i = 0; i < headers.length; i += 2) {
    if (headers[i]!.length !== 10 || headers[i]!.toString("latin1").toLowerCase() !== "set-cookie") continue;
    found ??= [];
    found.push(headers[i + 1]!.toString("latin1"));
  }
  return found;
}

/** Keeps what servers set; a cookie that no browser would take is dropped. */
export class Cookies {
  private readonly jar = new CookieJar();

  take(values: readonly string[], address: Address, path: string): void {
    for (const value of values) this.jar.setCookieSync(value, urlOf(address, path), { ignoreError: true });
  }

  /** The request with the cookies that go with it, after those of the config. */
  onto(request: HttpRequest, address: Address): HttpRequest {
    const cookies = this.jar.getCookieStringSync(urlOf(address, request.path));
    if (cookies === "") return request;
    const headers = [...request.headers];
    const at = headers.findIndex((name, i) => i % 2 === 0 && name === "cookie");
    if (at < 0) headers.push("cookie", cookies);
    else headers[at + 1] += `; ${cookies}`;
    return { ...request, headers };
  }
}

const urlOf = ({ secure, authority }: Address, path: string): string =>
  `${secure ? "https" : "http"}://${authority}${path}`;
