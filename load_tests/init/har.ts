/** A config from a HAR file: what a browser recorded, without its cookies and tokens. */
import { getPublicSuffix } from "tough-cookie";
import { createMask, isSecretKey } from "../core/mask.ts";
import { type ConfigDraft, type EndpointDraft, NoConfig, type ServiceDraft, serviceName } from "./draft.ts";
import { Cleaner, endpointOf, type Recorded } from "./recorded.ts";
import { isMap, type Schema } from "./sample.ts";

const METHODS = /^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)$/;
const STATIC = /\.(js|mjs|css|map|png|jpe?g|gif|svg|ico|webp|avif|woff2?|ttf|otf|eot|mp4|webm|mp3|pdf)$/i;
const STATIC_TYPE = /^(image|font|audio|video)\/|javascript|text\/css|wasm/i;

export const isHar = (value: unknown): value is Schema =>
  isMap(value) && isMap(value.log) && Array.isArray(value.log.entries);

const list = (value: unknown): Schema[] => (Array.isArray(value) ? value.filter(isMap) : []);
const pairs = (value: unknown): [string, string][] =>
  list(value).map(({ name, value: text }) => [String(name ?? ""), String(text ?? "")]);

interface Entry extends Recorded {
  readonly isStatic: boolean;
}

function entryOf({ request, response }: Schema): Entry | null {
  if (!isMap(request) || typeof request.url !== "string" || !URL.canParse(request.url)) return null;
  const url = new URL(request.url);
  const method = String(request.method).toUpperCase();
  if (!/^https?:$/.test(url.protocol) || !METHODS.test(method)) return null;
  const post = isMap(request.postData) ? request.postData : null;
  const params = pairs(post?.params);
  const text = typeof post?.text === "string" ? post.text : new URLSearchParams(params).toString();
  const content = isMap(response) && isMap(response.content) ? String(response.content.mimeType ?? "") : "";
  return {
    method,
    url,
    headers: pairs(request.headers),
    body: post === null ? null : { type: String(post.mimeType ?? ""), text },
    isStatic: STATIC.test(url.pathname) || STATIC_TYPE.test(content),
  };
}

/** Everything that was a cookie, a credential or a token anywhere in the file, in requests and in answers. */
function secretsIn(entries: readonly Schema[]): string[] {
  const found = new Set<string>();
  const add = (text: string): void => {
    for (const part of [text, ...text.split(/[\s=;,]+/)]) if (part.length >= 6) found.add(part);
  };
  for (const each of entries)
    for (const side of [each.request, each.response].filter(isMap)) {
      for (const [, value] of pairs(side.cookies)) if (value.length >= 4) found.add(value);
      for (const [name, value] of pairs(side.headers)) {
        if (/^(set-)?cookie$/i.test(name))
          for (const cookie of value.split(/;\s*|\n/)) add(cookie.slice(cookie.indexOf("=") + 1));
        else if (isSecretKey(name)) add(value);
      }
      for (const [name, value] of pairs(side.queryString)) if (isSecretKey(name)) add(value);
      const texts = [isMap(side.postData) ? side.postData.text : null, isMap(side.content) ? side.content.text : null];
      for (const text of texts)
        if (typeof text === "string") for (const secret of secretsOfJson(text)) found.add(secret);
    }
  return [...found].filter(
    (each) => !/^(path|domain|expires|max-age|samesite|secure|httponly|bearer|basic|strict)$/i.test(each),
  );
}

function secretsOfJson(text: string): string[] {
  const found: string[] = [];
  try {
    JSON.parse(text, (key, value: unknown) => {
      if (typeof value === "string" && value.length >= 6 && isSecretKey(key)) found.push(value);
      return value;
    });
  } catch {
    // Not JSON: nothing in it has a name.
  }
  return found;
}

const siteOf = (url: URL): string =>
  getPublicSuffix(url.hostname, { allowSpecialUseDomain: true, ignoreError: true }) ?? url.hostname;

/** The same request again is one endpoint of a greater weight: here it is just one. */
function unlike(endpoints: readonly EndpointDraft[]): EndpointDraft[] {
  return [...new Map(endpoints.map((each) => [JSON.stringify({ ...each, headers: null }), each])).values()];
}

/** The first page's site is under test; others, and static files, stand there and are not called. */
export function fromHar(har: Schema): ConfigDraft {
  const raw = list((har.log as Schema).entries);
  const entries = raw.flatMap((each) => entryOf(each) ?? []);
  const first = entries.find(({ isStatic }) => !isStatic) ?? entries[0];
  if (first === undefined) throw new NoConfig("the HAR file has no HTTP request: expected at least one entry");
  const cleaner = new Cleaner(createMask(secretsIn(raw)));
  const own = siteOf(first.url);
  const names = new Set<string>();
  const services = [...new Set(entries.map(({ url }) => url.origin))].map((origin): ServiceDraft => {
    const of = entries.filter(({ url }) => url.origin === origin);
    const { host } = new URL(origin);
    let name = serviceName(host);
    for (let i = 2; names.has(name); i++) name = `${serviceName(host)}_${i}`;
    names.add(name);
    const endpoints = unlike(of.map((each) => endpointOf(each, cleaner, each.isStatic)));
    const isThird = siteOf(of[0]!.url) !== own;
    return { name, host: origin, ...(isThird ? { enabled: false as const } : {}), endpoints };
  });
  return {
    services,
    notes: [
      "Cookies are left out, as each user gets its own; tokens are variables such as ${AUTHORIZATION}: set them. Other sites and static files are off.",
    ],
  };
}
