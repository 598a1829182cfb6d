/** Requests that were really made, as a HAR file and curl have them, turned into endpoints without their secrets. */
import { isSecretKey, type Mask } from "../core/mask.ts";
import { type EndpointDraft, literal, literalDeep, offUnlessReading, secretOf } from "./draft.ts";

export interface Recorded {
  readonly method: string;
  readonly url: URL;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: { readonly type: string; readonly text: string } | null;
}

/** What a client adds by itself, and what tells of one visit of one browser. */
const OWN =
  /^(:.*|host|connection|content-length|content-encoding|transfer-encoding|accept-encoding|cookie2?|origin|referer|user-agent|dnt|te|upgrade.*|if-.*|cache-control|pragma|priority|sec-.*|x-client-data|keep-alive|proxy-.*|range)$/i;

/** Signed tokens (JWT) and other long opaque texts are secrets wherever they stand. */
const OPAQUE =
  /eyJ[\w-]{8,}\.[\w-]+\.?[\w-]*|(?:sk|pk|ghp|gho|xox[bp])[-_][\w-]{16,}|[A-Fa-f0-9]{40,}|(?<![\w/+-])(?=[\w+-]*\d)(?=[\w+-]*[A-Z])(?=[\w+-]*[a-z])[\w+-]{32,}/g;
const STARS = /\*{3}/g;
/** What servers call the session of one visitor. */
const SESSION = /^(x-)?(php|j|asp)?(sess(ion)?(-?id)?|sid)$/i;

const isSecret = (key: string): boolean => isSecretKey(key) || SESSION.test(key.replaceAll("_", "-"));

/** Makes texts of recorded requests fit to stand in a config. */
export class Cleaner {
  private readonly mask: Mask;

  constructor(mask: Mask) {
    this.mask = mask;
  }

  /** The value under a key, as a literal; a variable where it is a secret. */
  text(key: string, value: string): string {
    if (value !== "" && isSecret(key)) return secretOf(key);
    return literal(this.mask.text(value).replace(OPAQUE, "***")).replace(STARS, () => secretOf(key || "SECRET"));
  }

  json(key: string, value: unknown): unknown {
    if (typeof value === "string") return this.text(key, value);
    if (typeof value === "number" && isSecret(key)) return secretOf(key);
    if (Array.isArray(value)) return value.map((each) => this.json(key, each));
    if (typeof value !== "object" || value === null) return literalDeep(value);
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [literal(name), this.json(name, each)]));
  }

  map(entries: Iterable<readonly [string, string]>): Record<string, string> {
    return Object.fromEntries([...entries].map(([name, value]) => [literal(name), this.text(name, value)]));
  }
}

function headersOf({ headers }: Recorded, cleaner: Cleaner): Record<string, string> {
  return cleaner.map(headers.filter(([name]) => !OWN.test(name) && !/^content-type$/i.test(name)));
}

type Body = Pick<EndpointDraft, "json" | "form" | "body" | "headers">;

function bodyOf({ body }: Recorded, cleaner: Cleaner): Body {
  if (body === null || body.text === "") return {};
  if (/[/+]json\b/i.test(body.type)) {
    try {
      return { json: cleaner.json("", JSON.parse(body.text)) };
    } catch {
      // What only says that it is JSON is sent as the text it is.
    }
  }
  if (/x-www-form-urlencoded/i.test(body.type)) return { form: cleaner.map(new URLSearchParams(body.text)) };
  const type = body.type.split(";")[0]!.trim();
  return { body: cleaner.text("", body.text), ...(type === "" ? {} : { headers: { "content-type": type } }) };
}

/** The endpoint without host; `off`: it is not called in any case. */
export function endpointOf(request: Recorded, cleaner: Cleaner, off = false): EndpointDraft {
  const { method, url } = request;
  const path = cleaner.text("", url.pathname);
  const query = cleaner.map(url.searchParams);
  const { headers: typed = {}, ...body } = ["GET", "HEAD"].includes(method) ? {} : bodyOf(request, cleaner);
  const headers = { ...headersOf(request, cleaner), ...typed };
  return {
    method,
    path,
    ...(Object.keys(query).length === 0 ? {} : { query }),
    ...(Object.keys(headers).length === 0 ? {} : { headers }),
    ...body,
    ...(off ? { enabled: false as const } : offUnlessReading(method)),
  };
}
