/** Credentials: read from the config, and made into the `authorization` header. */
import type { Resolver } from "../../core/plugin.ts";
import { compileText, hasTemplate, type Values } from "../../core/template.ts";
import { resolveLogin } from "./login_spec.ts";
import type { Compiled } from "./request.ts";
import type { RawAuth } from "./schema.ts";
import type { Auth } from "./settings.ts";

export function resolveAuth(raw: RawAuth | undefined, at: Resolver): Auth | null {
  if (raw === undefined || raw.bearer === null || raw.bearer === "") return null;
  const kinds = Object.values(raw).filter((each) => each !== undefined).length;
  if (kinds !== 1)
    at.issue(["auth"], `expected one of bearer, basic or login, found ${kinds === 0 ? "none" : "several"}`);
  at.templates(["auth"], raw);
  if (raw.bearer !== undefined) return { kind: "bearer", token: raw.bearer };
  if (raw.basic !== undefined) return { kind: "basic", ...raw.basic };
  return raw.login === undefined ? null : resolveLogin(raw.login, at);
}

/** The header's value; null for a login, whose token comes later. */
export function compileAuthorization(auth: Auth): Compiled<string> | null {
  if (auth.kind === "login") return null;
  if (auth.kind === "bearer") return { constant: !hasTemplate(auth), render: compileText(`Bearer ${auth.token}`) };
  return compileBasic(auth);
}

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

export function compileBasic(credentials: Credentials): Compiled<string> {
  const constant = !hasTemplate({ ...credentials });
  const user = compileText(credentials.user);
  const password = compileText(credentials.password);
  const render = (values: Values) => `Basic ${Buffer.from(`${user(values)}:${password(values)}`).toString("base64")}`;
  return { constant, render };
}

/** What of the credentials no report may show, as far as it is known before the first call. */
export function secretsOf(auth: Auth | null): string[] {
  if (auth === null) return [];
  if (auth.kind === "bearer") return hasTemplate(auth) ? [] : [auth.token];
  const basic = auth.kind === "login" ? auth.basic : auth;
  return basic === null || hasTemplate({ ...basic }) ? [] : secretsOfBasic(basic);
}

const secretsOfBasic = ({ user, password }: Credentials): string[] => [
  password,
  Buffer.from(`${user}:${password}`).toString("base64"),
];
