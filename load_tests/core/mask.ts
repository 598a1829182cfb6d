/** Keeps secrets out of everything that is shown or written: by their text, and by the keys that they stand under. */

export interface Mask {
  /** A secret that became known; shorter than 3 characters it is not sought. */
  add(secret: string): void;
  /** The text with each secret as `***`, also where it is URL-encoded, in base64 or escaped in JSON. */
  text(s: string): string;
}

const MASKED = "***";
const SHORTEST = 3;
/** Digits of base64 by which a secret is known inside a longer text of base64. */
const BASE64_KEY = 24;
const bytesOf = new TextEncoder();

const base64 = (bytes: Uint8Array): string => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));

/** The digits that a secret gives whatever stands before and behind it, at each of the three offsets to the digits. */
function base64Forms(bytes: Uint8Array): string[] {
  return [0, 1, 2].flatMap((offset) => {
    const padded = new Uint8Array(offset + bytes.length);
    padded.set(bytes, offset);
    const digits = base64(padded).slice(Math.ceil((offset * 8) / 6), Math.floor((padded.length * 8) / 6));
    const key = digits.slice(0, BASE64_KEY);
    return key.length < 4 ? [] : [key, key.replaceAll("+", "-").replaceAll("/", "_")];
  });
}

const asciiJson = (json: string): string =>
  json.replace(/[^\x20-\x7e]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);

function plainForms(secret: string): string[] {
  const url = encodeURIComponent(secret);
  const strict = url.replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
  const lower = strict.replace(/%../g, (code) => code.toLowerCase());
  const json = JSON.stringify(secret).slice(1, -1);
  const encoded = [url, strict, lower].flatMap((form) => [form, form.replaceAll("%20", "+")]);
  return [secret, ...encoded, encodeURI(secret), json, json.replaceAll("/", "\\/"), asciiJson(json)];
}

/** Hash of the first three UTF-16 units, by which a place in a text is dismissed fast. */
const keyAt = (s: string, at: number): number =>
  (Math.imul(s.charCodeAt(at), 0x3d4d51cb) + Math.imul(s.charCodeAt(at + 1), 0x9e35) + s.charCodeAt(at + 2)) | 0;

/** A power of 2. */
const BEGINNINGS = 65_536;

/** Forms of secrets by their first three units: 50,000 users' tokens are found as fast as one. */
class Forms {
  private readonly whole = new Map<string, "plain" | "base64">();
  private readonly lengths = new Map<number, number[]>();
  /** Whether any form may begin so: nearly every place in a text is dismissed by it. */
  private readonly begins = new Uint8Array(BEGINNINGS);

  knows(secret: string): boolean {
    return this.whole.get(secret) === "plain";
  }

  learn(secret: string): void {
    const bytes = bytesOf.encode(secret);
    this.add(secret, "plain");
    for (const form of plainForms(new TextDecoder().decode(bytes))) this.add(form, "plain");
    for (const form of base64Forms(bytes)) this.add(form, "base64");
  }

  private add(form: string, kind: "plain" | "base64"): void {
    if (form.length < SHORTEST || this.whole.has(form)) return;
    this.whole.set(form, kind);
    const key = keyAt(form, 0);
    this.begins[key & (BEGINNINGS - 1)] = 1;
    const known = this.lengths.get(key) ?? [];
    if (!known.includes(form.length))
      this.lengths.set(
        key,
        [...known, form.length].sort((a, b) => b - a),
      );
  }

  /** Where the longest form that begins at `at` ends; `at` itself if there is none. */
  endOf(s: string, at: number): number {
    const key = keyAt(s, at);
    if (this.begins[key & (BEGINNINGS - 1)] === 0) return at;
    for (const length of this.lengths.get(key) ?? []) {
      const kind = at + length <= s.length ? this.whole.get(s.slice(at, at + length)) : undefined;
      if (kind !== undefined) return kind === "plain" ? at + length : endOfBase64(s, at + length);
    }
    return at;
  }
}

function endOfBase64(s: string, from: number): number {
  const rest = /[^A-Za-z0-9+/_=-]/g;
  rest.lastIndex = from;
  return rest.exec(s)?.index ?? s.length;
}

function maskText(s: string, endOf: (s: string, at: number) => number): string {
  let out = "";
  let from = 0;
  for (let at = 0; at + SHORTEST <= s.length; at++) {
    const end = endOf(s, at);
    if (end === at) continue;
    out += s.slice(from, at) + MASKED;
    from = end;
    at = end - 1;
  }
  return from === 0 ? s : out + s.slice(from);
}

/** Users that log in again and again for days must not fill the memory. */
const MOST_LEARNED = 50_000;

/** `most`: of those that become known, how many of the newest are kept at least. */
export function createMask(secrets: Iterable<string>, most = MOST_LEARNED): Mask {
  const given = [...secrets].filter((secret) => secret.length >= SHORTEST);
  let forms = new Forms();
  let older: Forms | null = null;
  let learned = 0;
  for (const secret of given) forms.learn(secret);
  const add = (secret: string): void => {
    if (secret.length < SHORTEST || forms.knows(secret)) return;
    if (learned++ === most) {
      [forms, older, learned] = [new Forms(), forms, 1];
      for (const each of given) forms.learn(each);
    }
    forms.learn(secret);
  };
  const endOf = (s: string, at: number): number => Math.max(forms.endOf(s, at), older?.endOf(s, at) ?? at);
  return { add, text: (s) => (given.length + learned === 0 ? s : maskText(s, endOf)) };
}

/** By the end of a word, so that `tokenizer` and `secretary` are none. */
const SECRET_WORD =
  /(token|passw(or)?ds?|passphrases?|secrets?|cookies?|authorization|credentials?|bearer)$|^([cx]srf|pwd|(secret|passw(or)?d|token)(key|value|id|hash))$/;
/** What `tokens` are, where they are not counted. */
const KEYS_TO = new Set([
  "access",
  "refresh",
  "auth",
  "id",
  "session",
  "api",
  "csrf",
  "xsrf",
  "secret",
  "device",
  "bot",
]);
/** Beside `token` they say how many or which kind. */
const ABOUT = new Set(["count", "counts", "limit", "usage", "type", "budget", "rate"]);

const wordsOf = (key: string): string[] =>
  key
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z0-9]+/);

function isSecretWord(word: string, words: readonly string[]): boolean {
  if (word === "tokens") return words.length === 1 || words.some((other) => KEYS_TO.has(other));
  if (word === "token") return !words.some((other) => ABOUT.has(other));
  return SECRET_WORD.test(word);
}

/** Whether values under such a key are secrets: `access_token`, `X-Api-Key`, `clientSecret`; not counts: `max_tokens`. */
export function isSecretKey(key: string): boolean {
  const words = wordsOf(key);
  return (
    words.join() === "pass" || words.join("").includes("apikey") || words.some((word) => isSecretWord(word, words))
  );
}

/** `tokens: 128` is a count, `tokens: [abc]` are secrets. */
export const isCount = (key: string, value: unknown): boolean =>
  wordsOf(key).join() === "tokens" && /^\d+$/.test(String(value));

/** A template or a JSONPath says where a secret comes from and is none. */
const isReference = (value: string): boolean =>
  /^\{\{[^{}"']*\}\}$/.test(value) || /^\$(\.\.?[A-Za-z_][\w-]*|\[(\d+|'[\w -]+'|"[\w -]+")\])+$/.test(value);

function maskedUnderSecretKey(value: unknown, mask: Mask): unknown {
  if (value === null || value === undefined || typeof value === "boolean") return value;
  return typeof value === "string" && isReference(value) ? mask.text(value) : MASKED;
}

/** What a key needs for `isSecretKey`, at the least. */
const SECRET_LETTERS =
  /token|pass|secret|cookie|authorization|credential|bearer|pwd|a[^a-z0-9]*p[^a-z0-9]*i[^a-z0-9]*k[^a-z0-9]*e[^a-z0-9]*y/i;
const UNPLAIN = /[^\x20-\x7e]|\\u/;

/** Whether a JSON text surely holds nothing to mask, as itself or under a secret's key: fast, and false where in doubt. */
export const isHarmless = (json: string, mask: Mask): boolean =>
  !UNPLAIN.test(json) && !SECRET_LETTERS.test(json) && mask.text(json) === json;

const isPlainObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && [Object.prototype, null].includes(Object.getPrototypeOf(value));

/** A copy with every string masked, and `***` for what stands under a secret's key; bytes and other objects stay as they are. */
export function maskDeep<T>(value: T, mask: Mask): T {
  return copy(value, mask) as T;
}

function copy(value: unknown, mask: Mask): unknown {
  if (typeof value === "string") return mask.text(value);
  if (Array.isArray(value)) return value.map((item) => copy(item, mask));
  if (!isPlainObject(value)) return value;
  const entries = Object.entries(value).map(([key, item]) => [
    mask.text(key),
    isSecretKey(key) && !isCount(key, item) ? maskedUnderSecretKey(item, mask) : copy(item, mask),
  ]);
  return Object.fromEntries(entries);
}
