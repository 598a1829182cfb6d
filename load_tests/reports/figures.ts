/** Numbers: rounded for files that programs read, worded for people. */
import { formatMs } from "../core/units.ts";

/** Six significant digits: finer than any histogram. Absent values are null. */
export const measure = (value: number | undefined): number | null =>
  value === undefined || !Number.isFinite(value) ? null : Number(value.toPrecision(6));

/** Rounded to a number of decimals. */
export const decimals = (value: number, digits: number): number => Number(value.toFixed(digits));

/** part / whole to six decimals; 0 where there is no whole. */
export const ratio = (part: number, whole: number): number => (whole > 0 ? decimals(part / whole, 6) : 0);

/** What people see in the place of a number that is not there. */
export const ABSENT = "-";

/** `1,204`. */
export const count = (value: number): string => String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ",");

/** At most `digits` decimals, fewer for large numbers, thousands apart. */
export function plain(value: number, digits = 2): string {
  if (Math.abs(value) >= 1000) return count(value);
  return String(decimals(value, Math.abs(value) >= 100 ? Math.min(1, digits) : digits));
}

/** `0.35 %` of a ratio of 0.0035; a share that is not 0 never reads `0 %`. */
export function percent(value: number): string {
  const shown = value * 100;
  return shown > 0 && shown < 0.01 ? "< 0.01 %" : `${plain(shown)} %`;
}

/** Milliseconds as `12.3 ms`, `4.2 s`. */
export const time = (ms: number | null | undefined): string => (ms == null ? ABSENT : formatMs(ms));

/** A time of the run in seconds as `1:05`, `1:01:05`. */
export function clock(seconds: number): string {
  const two = (n: number) => String(Math.floor(n)).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** `123.4/s`. */
export const rate = (perSecond: number): string => `${plain(perSecond)}/s`;

/** Bytes as `1.2 MB`; 1 KB is 1024 bytes. */
export function bytes(value: number): string {
  const units = ["B", "KB", "MB", "GB", "TB"];
  const step = value < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(value) / 10));
  return `${plain(value / 1024 ** step, 1)} ${units[step]}`;
}

/** A value in one of the units of criteria and metrics. */
export function quantity(value: number | null, unit: string | null): string {
  if (value === null) return ABSENT;
  if (unit === "ms") return formatMs(value);
  if (unit === "ratio") return percent(value);
  if (unit === "s") return formatMs(value * 1000);
  return unit?.startsWith("/") ? `${plain(value)}${unit}` : [plain(value, 4), unit].filter(Boolean).join(" ");
}
