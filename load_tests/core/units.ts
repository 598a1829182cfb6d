/** Durations, sizes and shares as people write them. Each parser gives undefined for what it cannot read. */
import { isEndless } from "./endless.ts";
import type { Ms } from "./time.ts";

const UNIT_MS: Record<string, Ms> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const SIZE_BYTES: Record<string, number> = { b: 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 };

export const DURATION_PATTERN = "^\\s*(\\d+(\\.\\d+)?(ms|s|m|h|d)\\s*)+$";

const finite = (value: number): number | undefined => (Number.isFinite(value) ? value : undefined);

/** `500ms`, `30s`, `5m`, `1h30m`; a bare number is seconds. */
export function parseDuration(text: string | number): Ms | undefined {
  if (typeof text === "number") return Number.isFinite(text) && text >= 0 ? text * 1000 : undefined;
  if (/^\s*\d+(\.\d+)?\s*$/.test(text)) return finite(Number(text) * 1000);
  if (!new RegExp(DURATION_PATTERN).test(text)) return undefined;
  let sum = 0;
  for (const [, value, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) sum += Number(value) * UNIT_MS[unit!]!;
  return finite(sum);
}

/** `64KB`, `1MB`; a bare number is bytes. 1 KB is 1024 bytes. */
export function parseSize(text: string | number): number | undefined {
  if (typeof text === "number") return Number.isFinite(text) && text >= 0 ? text : undefined;
  const match = /^\s*(\d+(?:\.\d+)?)\s*(b|kb|mb|gb)?\s*$/i.exec(text);
  return match === null ? undefined : finite(Number(match[1]) * SIZE_BYTES[(match[2] ?? "b").toLowerCase()]!);
}

/** `1%` or `0.01`, as a ratio. */
export function parseShare(text: string | number): number | undefined {
  if (typeof text === "number") return Number.isFinite(text) && text >= 0 ? text : undefined;
  const match = /^\s*(\d+(?:\.\d+)?)\s*(%)?\s*$/.exec(text);
  return match === null ? undefined : finite(Number(match[1]) / (match[2] === undefined ? 1 : 100));
}

/** A time for people: `850 us`, `12.3 ms`, `4.2 s`, `5m`, `1h 30m`. */
export function formatMs(ms: Ms): string {
  if (ms < 0) return `-${formatMs(-ms)}`;
  if (isEndless(ms)) return "no end";
  if (ms === 0) return "0 ms";
  if (ms < 0.9995) return `${Math.round(ms * 1000)} us`;
  if (ms < 999.5) return `${ms.toFixed(ms < 9.995 ? 2 : ms < 99.95 ? 1 : 0)} ms`;
  if (ms < 59_995) return `${Number((ms / 1000).toFixed(2))} s`;
  return formatSpan(ms);
}

function formatSpan(ms: Ms): string {
  const seconds = Math.round(ms / 1000);
  const parts = [
    [Math.floor(seconds / 3600), "h"],
    [Math.floor((seconds % 3600) / 60), "m"],
    [seconds % 60, "s"],
  ] as const;
  return parts
    .filter(([value]) => value > 0)
    .map(([value, unit]) => `${value}${unit}`)
    .join(" ");
}
