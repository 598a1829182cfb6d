/** Credentials: read from the config, and made into the `authorization` header. */
import type { Resolver } from "../../core/plugin.ts";
import { compileText, hasTemplate, type Values } from "../../core/template.ts";
import { isJsonPath } from "../json_path.ts";
import { checkPath } from "../rules.ts";
import type { Compiled } from "./request.ts";
import type { RawAuth } from "./schema.ts";
import type { Auth } from "./settings.ts";

export function resolveAuth(raw: RawAuth | undefined, at: Resolver): Auth | null {
  if (raw === undefined) return null;
  const kinds = Object.values(raw).filter((each) => each !== undefined).length;
  if (kinds !== 1)
    at.issue(["auth"], `expected one of bearer, basic or login, found ${kinds === 0 ? "none" : "several"}`);
  at.templates(["auth"], raw);
  if (raw.bearer !== undefined) return { kind: "bearer", token: raw.bearer };
  if (raw.basic !== undefined) return { kind: "basic", ...raw.basic };
  if (raw.login === undefined) return null;
  checkPath(["auth", "login", "path"], raw.login.path, at);
  if (!isJsonPath(raw.login.token))
    at.issue(["auth", "login", "token"], `expected a JSONPath such as $.access_token, found "${raw.login.token}"`);
  return { kind: "login", ...raw.login, json: raw.login.json };
}

/** The header's value; null for a login, whose token comes later. */
export function compileAuthorization(auth: Auth): Compiled<string> | null {
  if (auth.kind === "login") return null;
  const constant = !hasTemplate(auth);
  if (auth.kind === "bearer") return { constant, render: compileText(`Bearer ${auth.token}`) };
  const user = compileText(auth.user);
  const password = compileText(auth.password);
  const render = (values: Values) => `Basic ${Buffer.from(`${user(values)}:${password(values)}`).toString("base64")}`;
  return { constant, render };
}

/** What of the credentials no report may show, as far as it is known before the first call. */
export function secretsOf(auth: Auth | null): string[] {
  if (auth === null || auth.kind === "login" || hasTemplate(auth)) return [];
  if (auth.kind === "bearer") return [auth.token];
  return [auth.password, Buffer.from(`${auth.user}:${auth.password}`).toString("base64")];
}
