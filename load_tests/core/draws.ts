/** What `random.*` draws in templates, from the stream that is handed in: the same stream gives the same text. */
import { FAKE_USAGE, fakeOf } from "./fakes.ts";
import { integer, type Random, randomStream, uniform } from "./random.ts";
import { parseSize } from "./units.ts";
import { GIVEN_NAMES, SURNAMES, WORDS } from "./words.ts";

type Drawn = (random: Random) => unknown;

/** One word after `random.`; `make` gives undefined for arguments that it cannot use. */
export interface Draw {
  readonly usage: string;
  make(args: readonly unknown[]): Drawn | undefined;
}

const number = (arg: unknown): number => (typeof arg === "string" && arg.trim() !== "" ? Number(arg) : (arg as number));

function range(args: readonly unknown[], fits: (n: number) => boolean): [number, number] | undefined {
  const [min, max] = args.map(number);
  if (args.length !== 2 || !fits(min!) || !fits(max!) || min! > max!) return undefined;
  return [min!, max!];
}

const oneOf = <T>(random: Random, list: readonly T[]): T => list[integer(random, 0, list.length - 1)]!;
const word = (random: Random) => oneOf(random, WORDS);
const noArguments = (draw: Drawn) => (args: readonly unknown[]) => (args.length === 0 ? draw : undefined);

function hex(random: Random, length: number): string {
  let text = "";
  while (text.length < length) text += integer(random, 0, 0xffffffff).toString(16).padStart(8, "0");
  return text.slice(0, length);
}

/** Version 4 of RFC 9562: 122 random bits. */
function uuid(random: Random): string {
  const h = hex(random, 32);
  const variant = (8 + (Number.parseInt(h[16]!, 16) & 3)).toString(16);
  return `${h.slice(0, 8)}-${h.slice(8, 12)}-4${h.slice(13, 16)}-${variant}${h.slice(17, 20)}-${h.slice(20)}`;
}

const BASE64 = new TextEncoder().encode("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
const ascii = new TextDecoder();

/** Base64 of `bytes` random bytes, drawn six bits at a time; the bits past the last byte are 0 (RFC 4648, 3.5). */
function base64(random: Random, bytes: number): string {
  const codes = new Uint8Array(Math.ceil(bytes / 3) * 4).fill(0x3d);
  const digits = Math.ceil((bytes * 8) / 6);
  for (let i = 0, bits = 0; i < digits; i++, bits >>>= 6) {
    if (i % 5 === 0) bits = integer(random, 0, 2 ** 30 - 1);
    codes[i] = BASE64[i < digits - 1 ? bits & 63 : bits & [63, 48, 60][bytes % 3]!]!;
  }
  return ascii.decode(codes);
}

/** Keeps the text below the longest that the engine's strings can be. */
const MOST_BYTES = 256 * 1024 ** 2;

function base64Of(args: readonly unknown[]): Drawn | undefined {
  const [arg] = args;
  const bytes = typeof arg === "string" || typeof arg === "number" ? parseSize(arg) : undefined;
  if (args.length !== 1 || bytes === undefined || bytes > MOST_BYTES) return undefined;
  return (random) => base64(random, Math.round(bytes));
}

/** The same bytes each time, made once: a load of its size and no more. */
function fillerOf(args: readonly unknown[]): Drawn | undefined {
  const drawn = base64Of(args);
  if (drawn === undefined) return undefined;
  let text: unknown = null;
  return () => {
    text ??= drawn(randomStream(0));
    return text;
  };
}

function intOf(args: readonly unknown[]): Drawn | undefined {
  const bounds = range(args, Number.isSafeInteger);
  return bounds && ((random) => integer(random, ...bounds));
}

function floatOf(args: readonly unknown[]): Drawn | undefined {
  const bounds: readonly [number, number] | undefined = args.length === 0 ? [0, 1] : range(args, Number.isFinite);
  return bounds && ((random) => uniform(random, ...bounds));
}

function hexOf(args: readonly unknown[]): Drawn | undefined {
  const length = args.length === 0 ? 8 : number(args[0]);
  if (args.length > 1 || !Number.isInteger(length) || length < 0 || length > MOST_BYTES) return undefined;
  return (random) => hex(random, length);
}

function pickOf(args: readonly unknown[]): Drawn | undefined {
  const list = args.length === 1 && Array.isArray(args[0]) ? args[0] : args;
  return list.length === 0 ? undefined : (random) => oneOf(random, list);
}

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** Letters and digits. */
function stringOf(args: readonly unknown[]): Drawn | undefined {
  const length = number(args[0]);
  if (args.length !== 1 || !Number.isInteger(length) || length < 0 || length > MOST_BYTES) return undefined;
  return (random) => {
    let text = "";
    while (text.length < length) text += LETTERS[integer(random, 0, LETTERS.length - 1)];
    return text;
  };
}

const DAY_MS = 86_400_000;

/** Days since 1970 of a date such as 2026-01-31. */
function dayOf(arg: unknown): number | undefined {
  if (typeof arg !== "string" || !/^\d{4}-\d\d-\d\d$/.test(arg)) return undefined;
  const day = Date.parse(arg) / DAY_MS;
  return Number.isNaN(day) || dateText(day) !== arg ? undefined : day;
}

const dateText = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, 10);

function dateOf(args: readonly unknown[]): Drawn | undefined {
  const [first, last] = args.map(dayOf);
  if (args.length !== 2 || first === undefined || last === undefined || first > last) return undefined;
  return (random) => dateText(integer(random, first, last));
}

/** By the name as it stands in a template. */
export const DRAWS: ReadonlyMap<string, Draw> = new Map<string, Draw>([
  ["random.int", { usage: "random.int 1 9 (two whole numbers, the smaller first)", make: intOf }],
  ["random.float", { usage: "random.float or random.float 0.5 2 (the smaller first)", make: floatOf }],
  ["random.word", { usage: "random.word", make: noArguments(word) }],
  ["random.name", { usage: "random.name", make: noArguments((r) => `${oneOf(r, GIVEN_NAMES)} ${oneOf(r, SURNAMES)}`) }],
  [
    "random.email",
    { usage: "random.email", make: noArguments((r) => `${word(r)}.${word(r)}${integer(r, 1, 9999)}@example.com`) },
  ],
  ["random.uuid", { usage: "random.uuid", make: noArguments(uuid) }],
  ["random.hex", { usage: "random.hex or random.hex 16 (digits)", make: hexOf }],
  ["random.string", { usage: "random.string 12 (letters and digits)", make: stringOf }],
  ["random.date", { usage: 'random.date "2026-01-01" "2026-12-31" (the earlier first)', make: dateOf }],
  ["random.fake", { usage: FAKE_USAGE, make: fakeOf }],
  ["random.pick", { usage: 'random.pick "a" "b", or random.pick with the name of a list', make: pickOf }],
  ["base64", { usage: 'base64 "64KB" (a size up to 256MB; the same text each time)', make: fillerOf }],
  ["random.base64", { usage: 'random.base64 "64KB" (a size up to 256MB)', make: base64Of }],
]);
