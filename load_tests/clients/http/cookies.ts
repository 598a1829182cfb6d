/** A user's cookies (RFC 6265): by domain, path, expiry and secure. */
import { CookieJar } from "tough-cookie";
import type { Address } from "../address.ts";
import type { HttpRequest } from "../wire/request.ts";

/** Keeps what servers set; a cookie that no browser would take is dropped. */
export class Cookies {
  private readonly jar = new CookieJar();

  take(values: readonly string[], address: Address, path: string): void {
    for (const value of values) this.jar.setCookieSync(value, urlOf(address, path), { ignoreError: true });
  }

  /** The request with the cookies that go with it, after those of the config. */
  onto(request: HttpRequest, address: Address): HttpRequest {
    const cookies = this.jar.getCookieStringSync(urlOf(address, request.path));
    return cookies === "" ? request : { ...request, headers: request.headers.with("cookie", cookies, "; ") };
  }
}

const urlOf = ({ secure, authority }: Address, path: string): string =>
  `${secure ? "https" : "http"}://${authority}${path}`;
