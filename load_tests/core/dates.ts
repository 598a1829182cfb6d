/** `now` and `date` in templates: wall time as people and services write it, in UTC. */
import { parseDuration } from "./units.ts";

type Dated = (now: number) => unknown;

const DAY = "yyyy-MM-dd";
const TOKENS: readonly [string, (iso: string) => string][] = [
  ["yyyy", (iso) => iso.slice(0, 4)],
  ["MM", (iso) => iso.slice(5, 7)],
  ["dd", (iso) => iso.slice(8, 10)],
  ["HH", (iso) => iso.slice(11, 13)],
  ["mm", (iso) => iso.slice(14, 16)],
  ["ss", (iso) => iso.slice(17, 19)],
  ["SSS", (iso) => iso.slice(20, 23)],
];
const PARTS = new RegExp(`${TOKENS.map(([token]) => token).join("|")}|'([^']*)'`, "g");

/** `yyyy-MM-dd HH:mm:ss.SSS` and other texts of these parts, letters in quotes as they are; `iso`, `s` and `ms` since 1970. */
export function formatDate(ms: number, format: string): unknown {
  if (format === "ms") return ms;
  if (format === "s") return Math.floor(ms / 1000);
  const iso = new Date(ms).toISOString();
  if (format === "iso") return iso;
  return format.replace(PARTS, (found, literal?: string) => literal ?? TOKENS.find(([t]) => t === found)![1](iso));
}

const isFormat = (text: unknown): text is string =>
  typeof text === "string" && (["ms", "s", "iso"].includes(text) || !/[A-Za-z]/.test(text.replace(PARTS, "")));

/** What years of four digits reach. */
const FARTHEST = 7000 * 365 * 86_400_000;

/** `+1d` and `-2h30m`, in milliseconds. */
function offset(text: unknown): number | undefined {
  if (typeof text !== "string" || !/^[+-]/.test(text)) return undefined;
  const ms = parseDuration(text.slice(1));
  if (ms === undefined || ms > FARTHEST) return undefined;
  return text.startsWith("-") ? -ms : ms;
}

function nowOf(args: readonly unknown[]): Dated | undefined {
  if (args.length === 0) return (now) => now;
  return args.length === 1 && args[0] === "iso" ? (now) => formatDate(now, "iso") : undefined;
}

function dateOf(args: readonly unknown[]): Dated | undefined {
  const ahead = offset(args[0]);
  const [format = DAY, ...more] = ahead === undefined ? args : args.slice(1);
  if (!isFormat(format) || more.length > 0) return undefined;
  return (now) => formatDate(now + (ahead ?? 0), format);
}

interface DateCall {
  readonly usage: string;
  /** Undefined for arguments that it cannot use. */
  make(args: readonly unknown[]): Dated | undefined;
}

/** By the name as it stands in a template. */
export const DATES: ReadonlyMap<string, DateCall> = new Map<string, DateCall>([
  ["now", { usage: 'now or now "iso"', make: nowOf }],
  ["date", { usage: 'date, date "+1d" or date "-2h30m" "yyyy-MM-dd HH:mm:ss" (or "iso", "s", "ms")', make: dateOf }],
]);
