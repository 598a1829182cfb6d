/** JSON Web Tokens signed with HS256 (RFC 7519), by a key that lives as long as the process. */
import { createHmac, randomBytes, randomUUID, timingSafeEqual } from "node:crypto";

const KEY = randomBytes(32);
const HEADER = encode({ alg: "HS256", typ: "JWT" });

export interface Claims {
  readonly sub: string;
  readonly type: "access" | "refresh";
  readonly roles?: readonly string[];
  /** Seconds since 1970. */
  readonly exp: number;
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

const sign = (text: string): Buffer => createHmac("sha256", KEY).update(text).digest();

/** A token of so many seconds. */
export function issue(claims: Omit<Claims, "exp">, seconds: number): string {
  const iat = Math.floor(Date.now() / 1000);
  const text = `${HEADER}.${encode({ ...claims, iat, exp: iat + seconds, jti: randomUUID() })}`;
  return `${text}.${sign(text).toString("base64url")}`;
}

/** The claims of a token of ours that is of this type and has not expired; null for any other text. */
export function verify(token: string, type: Claims["type"]): Claims | null {
  const [header, payload, signature] = token.split(".");
  if (header !== HEADER || payload === undefined || signature === undefined) return null;
  const expected = sign(`${header}.${payload}`);
  const found = Buffer.from(signature, "base64url");
  if (found.length !== expected.length || !timingSafeEqual(found, expected)) return null;
  const claims = JSON.parse(Buffer.from(payload, "base64url").toString()) as Claims;
  return claims.type === type && claims.exp * 1000 > Date.now() ? claims : null;
}
