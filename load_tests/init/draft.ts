/** A config in the making: what every source of `tenfold init` is turned into. */

/** One endpoint of a REST service, with the words of the config. */
export interface EndpointDraft {
  readonly method: string;
  readonly path: string;
  readonly name?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly form?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly enabled?: false;
}

export interface ServiceDraft {
  readonly name: string;
  readonly host: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly auth?: object;
  readonly enabled?: false;
  readonly endpoints: readonly EndpointDraft[];
}

export interface GrpcDraft {
  readonly name: string;
  readonly host: string;
  /** Absent: the service is asked by reflection. */
  readonly proto?: string;
  readonly calls: readonly { readonly method: string; readonly message: unknown; readonly enabled?: false }[];
}

export interface ConfigDraft {
  readonly services: readonly ServiceDraft[];
  readonly grpc?: GrpcDraft;
  /** Lines for the head of the file: what is to be set or looked at. */
  readonly notes: readonly string[];
}

/** A source that no config can be made of; the message says why. */
export class NoConfig extends Error {
  override readonly name = "NoConfig";
}

/** Text that stands for itself: what a config would take for a variable or a template is escaped. */
export const literal = (text: string): string => plain(text).replaceAll("${", () => "$${");

/** Handlebars takes backslashes before braces for its own: an empty comment parts them. */
const plain = (text: string): string =>
  text.replace(/(\\*)\{\{/g, (_, slashes) => (slashes === "" ? "\\{{" : `${slashes}\\{{!}}\\{{`));

/** As `literal`, in every string of a value. */
export function literalDeep(value: unknown): unknown {
  if (typeof value === "string") return literal(value);
  if (Array.isArray(value)) return value.map(literalDeep);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [literal(key), literalDeep(item)]));
}

/** A variable that stands in for a secret; the placeholder keeps the config readable and runnable without it. */
export const secretOf = (name: string): string =>
  `\${${
    name
      .replace(/[^A-Za-z0-9]+/g, "_")
      .replace(/^_+|_+$/g, "")
      .replace(/^(?=\d)/, "_")
      .toUpperCase() || "SECRET"
  }:-change-me}`;

const READS = new Set(["GET", "HEAD"]);

/** Only what reads is called: the rest stands there, so that running the result changes nothing. */
export const offUnlessReading = (method: string): { enabled?: false } =>
  READS.has(method.toUpperCase()) ? {} : { enabled: false };

/** `shop.example.com` to `shop`: a name that can stand as a key. */
export function serviceName(host: string): string {
  const [first = "", ...rest] = host.replace(/:\d+$/, "").split(".");
  const word = ["www", "api"].includes(first) && rest.length > 1 ? rest[0]! : first;
  return /^\d+$/.test(word) || word === "" ? "api" : word.replace(/[^A-Za-z0-9_-]/g, "_");
}
