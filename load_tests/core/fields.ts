/** The config's scalar words as zod schemas; the input side is what the editor's schema shows. */
import { z } from "zod";
import { DRIVERS } from "./model.ts";
import { DURATION_PATTERN, parseDuration, parseShare, parseSize } from "./units.ts";

type Parser = (text: string | number) => number | undefined;

const scalar = (parse: Parser, pattern: string, expected: string, most = { value: Number.MAX_VALUE, text: "" }) =>
  z
    .union(
      [z.number().nonnegative(`expected ${expected}`), z.string().regex(new RegExp(pattern), `expected ${expected}`)],
      {
        error: `expected ${expected}`,
      },
    )
    .transform((text, ctx) => {
      const value = parse(text);
      if (value === undefined) ctx.addIssue({ code: "custom", message: `expected ${expected}` });
      else if (value > most.value) ctx.addIssue({ code: "custom", message: `expected at most ${most.text}` });
      return value ?? 0;
    });

/** Milliseconds of 30 days: more is a slip. */
export const LONGEST = 30 * 24 * 3_600_000;
/** Users at once, and arrivals a second. */
export const MOST = 1_000_000;

/** Milliseconds. */
export const duration = scalar(
  parseDuration,
  `${DURATION_PATTERN}|^\\s*\\d+(\\.\\d+)?\\s*$`,
  "a duration such as 500ms, 30s, 5m, 1h30m, or a number of seconds",
  { value: LONGEST, text: "30 days" },
);
/** Bytes. */
export const size = scalar(parseSize, "^\\s*\\d+(\\.\\d+)?\\s*([bB]|[kKmMgG][bB])?\\s*$", "a size such as 64KB or 1MB");
/** A ratio, 0..1 for shares below 100 %. */
export const share = scalar(parseShare, "^\\s*\\d+(\\.\\d+)?\\s*%?\\s*$", "a share such as 1% or 0.01");
const atMost = (value: number) => value <= MOST;
const MUCH = `expected at most ${MOST}`;
/** Of one entry of a list. */
export const enabledEntry = z.boolean().optional().describe("false: it stands here and is not called");
/** Names by which criteria, reports and `--tags` speak of several requests or tasks. */
export const tags = z
  .array(z.string().regex(/^[^\s,]+$/, "expected a tag without spaces and commas"))
  .describe("By which criteria (`tag`), reports and --tags speak of it");
export const weight = z.number().nonnegative().refine(atMost, MUCH);
/** Users, whole. */
export const users = z.number().int().nonnegative().refine(atMost, MUCH);
/** Arrivals a second. */
export const rate = z.number().nonnegative().refine(atMost, MUCH);
export const textMap = z.record(z.string(), z.string());

/** What carries a service's calls. */
export const driver = z
  .enum(DRIVERS)
  .describe("fast: Tenfold's own protocol engine; reference: the full client of others (by itself: fast where it can)");
