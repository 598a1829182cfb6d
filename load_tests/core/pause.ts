/** Pauses of users and lengths of their periods: how they are written, drawn and shown. */
import { z } from "zod";
import { duration } from "./fields.ts";
import type { Ms, Pause } from "./model.ts";
import { exponential, gamma, integer, normal, type Random, uniform } from "./random.ts";
import { formatMs, parseDuration } from "./units.ts";

const EXPECTED = "expected a duration such as 2s, or two such as 1s..3s";
const FORMS = ["exponential", "gamma", "lognormal", "values"] as const;
const ONE_FORM = `expected one of ${FORMS.join(", ")}`;

function span(text: string | number, ctx: z.RefinementCtx): Pause {
  const [first, second, ...more] = String(text).split("..");
  const min = parseDuration(first ?? "");
  const max = second === undefined ? min : parseDuration(second);
  if (min === undefined || max === undefined || more.length > 0) ctx.addIssue({ code: "custom", message: EXPECTED });
  else if (max < min) ctx.addIssue({ code: "custom", message: "expected the shorter duration first, such as 1s..3s" });
  return { min: min ?? 0, max: max ?? 0 };
}

const forms = z
  .strictObject({
    exponential: duration.optional().describe("Its mean"),
    gamma: z
      .strictObject({ shape: z.number().min(0.01).max(1e6), mean: duration })
      .optional()
      .describe("The greater the shape, the closer to the mean; a shape of 1 is exponential"),
    lognormal: z
      .strictObject({ median: duration, sigma: z.number().nonnegative().max(10) })
      .optional()
      .describe("Half are longer than the median; sigma is that of the logarithm"),
    values: z.array(duration).min(1).optional().describe("Each as likely as the others"),
  })
  .transform((written, ctx): Pause => {
    const [form, other] = FORMS.filter((each) => written[each] !== undefined);
    if (ctx.issues.length === 0 && (form === undefined || other !== undefined))
      ctx.addIssue({
        code: "custom",
        message: form === undefined ? ONE_FORM : `${ONE_FORM}, found ${form} and ${other}`,
      });
    return written as Pause;
  });

/** `2s`, `1s..3s`, or `{ exponential: 3s }` and the other forms. Times in milliseconds. */
export const pause = z.union([z.number().nonnegative().transform(span), z.string().transform(span), forms]);

/** One pause from the stream. Never negative. */
export function drawPause(of: Pause, random: Random): Ms {
  if ("min" in of) return uniform(random, of.min, of.max);
  if ("exponential" in of) return of.exponential * exponential(random);
  if ("gamma" in of) return of.gamma.mean * gamma(random, of.gamma.shape);
  if ("lognormal" in of) return of.lognormal.median * Math.exp(of.lognormal.sigma * normal(random));
  return of.values[integer(random, 0, of.values.length - 1)]!;
}

/** The mean of the distribution. */
export function meanPause(of: Pause): Ms {
  if ("min" in of) return (of.min + of.max) / 2;
  if ("exponential" in of) return of.exponential;
  if ("gamma" in of) return of.gamma.mean;
  if ("lognormal" in of) return of.lognormal.median * Math.exp(of.lognormal.sigma ** 2 / 2);
  return of.values.reduce((sum, value) => sum + value, 0) / of.values.length;
}

const SHOWN_VALUES = 5;

/** For people: `1 s to 3 s`, `exponential, mean 3 s`. */
export function pauseText(of: Pause): string {
  if ("min" in of) return of.min === of.max ? formatMs(of.min) : `${formatMs(of.min)} to ${formatMs(of.max)}`;
  const mean = `mean ${formatMs(meanPause(of))}`;
  if ("exponential" in of) return `exponential, ${mean}`;
  if ("gamma" in of) return `gamma of shape ${of.gamma.shape}, ${mean}`;
  if ("lognormal" in of)
    return `lognormal, median ${formatMs(of.lognormal.median)}, sigma ${of.lognormal.sigma}, ${mean}`;
  const shown = of.values.slice(0, SHOWN_VALUES).map(formatMs).join(", ");
  return `one of ${shown}${of.values.length > SHOWN_VALUES ? ` and ${of.values.length - SHOWN_VALUES} more` : ""}`;
}
