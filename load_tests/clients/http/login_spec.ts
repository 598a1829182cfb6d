/** Reads from the config how a user gets its token: by a call of the service's own, or by OAuth 2.0. */
import type { Resolver } from "../../core/plugin.ts";
import { parseAddress } from "../address.ts";
import { isJsonPath } from "../json_path.ts";
import { checkPath } from "../rules.ts";
import type { RawLogin } from "./schema.ts";
import type { BodySpec, Login } from "./settings.ts";

const HERE = ["auth", "login"];

export function resolveLogin(raw: RawLogin, at: Resolver): Login {
  if (!isJsonPath(raw.token))
    at.issue([...HERE, "token"], `expected a JSONPath such as $.access_token, found "${raw.token}"`);
  const ways = [raw.path, raw.oauth2].filter((way) => way !== undefined).length;
  if (ways !== 1) at.issue(HERE, `expected one of path or oauth2, found ${ways === 0 ? "none" : "both"}`);
  if (raw.oauth2 !== undefined) return clientCredentials(raw.oauth2, raw.token, at);
  const path = raw.path ?? "/";
  checkPath([...HERE, "path"], path, at);
  const { method, query, token } = raw;
  return { kind: "login", method, path, query, headers: {}, body: bodyOf(raw, at), basic: null, token };
}

function bodyOf({ json, form }: RawLogin, at: Resolver): BodySpec | null {
  if (json !== undefined && form !== undefined)
    at.issue([...HERE, "form"], "expected one body, found json and form: keep one of them");
  if (form !== undefined) return { kind: "form", fields: form };
  return json === undefined ? null : { kind: "json", value: json };
}

/** The request of RFC 6749 4.4.2. */
function clientCredentials(raw: NonNullable<RawLogin["oauth2"]>, token: string, at: Resolver): Login {
  const { token_url: path, client_id, client_secret, scope, audience, credentials } = raw;
  if (isUrl(path)) {
    if (parseAddress(new URL(path).origin) === undefined) at.issue([...HERE, "oauth2", "token_url"], EXPECTED);
  } else checkPath([...HERE, "oauth2", "token_url"], path, at);
  const inBody = credentials === "body";
  const fields = {
    grant_type: "client_credentials",
    ...(scope === undefined ? {} : { scope }),
    ...(audience === undefined ? {} : { audience }),
    ...(inBody ? { client_id, client_secret } : {}),
  };
  return {
    kind: "login",
    method: "POST",
    path,
    query: {},
    headers: { accept: "application/json" },
    body: { kind: "form", fields },
    basic: inBody ? null : { user: client_id, password: client_secret },
    token,
  };
}

const EXPECTED = "expected a path such as /oauth/token, or a URL such as https://id.example.com/oauth/token";

export const isUrl = (text: string): boolean => /^https?:\/\//i.test(text) && URL.canParse(text);
