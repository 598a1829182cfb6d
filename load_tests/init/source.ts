/** What a source of `tenfold init` is, and the config that comes of it. */
import { parse } from "yaml";
import { fromCurl, isCurl } from "./curl.ts";
import { type ConfigDraft, NoConfig, serviceName } from "./draft.ts";
import { fromHar, isHar } from "./har.ts";
import { fromOpenApi, isOpenApi } from "./openapi.ts";

/** Of nothing: a service on this machine, and one call. */
export const EMPTY: ConfigDraft = {
  services: [
    {
      name: "api",
      host: "http://localhost:8080",
      endpoints: [
        { method: "GET", path: "/" },
        { method: "GET", path: "/items/{{random.int 1 100}}", name: "GET /items/:id", enabled: false },
        { method: "POST", path: "/items", json: { name: "{{random.word}}" }, enabled: false },
      ],
    },
  ],
  notes: ["The services are examples: name your own."],
};

/** Of a plain address: its page. */
export function fromUrl(address: string): ConfigDraft {
  const { origin, host, pathname, searchParams } = new URL(address);
  const query = Object.fromEntries(searchParams);
  const asked = Object.keys(query).length === 0 ? {} : { query };
  return {
    services: [{ name: serviceName(host), host: origin, endpoints: [{ method: "GET", path: pathname, ...asked }] }],
    notes: [],
  };
}

/** Of a text: a curl command, an OpenAPI document or a HAR file. Null where it is none of them. */
export function fromText(text: string, address: string | null): ConfigDraft | null {
  if (isCurl(text)) return fromCurl(text);
  const value = readTree(text);
  if (isOpenApi(value)) return fromOpenApi(value, address);
  return isHar(value) ? fromHar(value) : null;
}

/** JSON, or YAML; undefined where it is neither. */
function readTree(text: string): unknown {
  const trimmed = text.replace(/^\ufeff/, "");
  try {
    return /^\s*[[{]/.test(trimmed) ? JSON.parse(trimmed) : parse(trimmed, { maxAliasCount: 1000, logLevel: "error" });
  } catch {
    return undefined;
  }
}

export const none = (source: string): NoConfig =>
  new NoConfig(
    `${source} is nothing that a config can be made of: expected a URL, an OpenAPI document, a HAR file, a .proto file or a curl command`,
  );
