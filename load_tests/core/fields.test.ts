import { describe, expect, it } from "vitest";
import { z } from "zod";
import { duration, share, size, textMap, weight } from "./fields.ts";
import { standInSchema } from "./standin.ts";

const fields = { duration, size, share, weight, textMap, standIn: standInSchema };

it.each(Object.entries(fields))("the editor's schema can be made of %s", (_, field) => {
  const schema = z.toJSONSchema(field, { io: "input" });
  expect(schema.type ?? schema.anyOf).toBeDefined();
});

it("the editor's schema shows defaults as people write them", () => {
  const { properties } = z.toJSONSchema(standInSchema, { io: "input" }) as unknown as {
    properties: Record<string, { default: unknown }>;
  };
  expect(properties.latency?.default).toBe("20ms");
  expect(properties.error_rate?.default).toBe(0);
});

it("patterns of the editor's schema let through what the parsers read", () => {
  const pattern = (field: z.ZodType) => {
    const { anyOf } = z.toJSONSchema(field, { io: "input" }) as { anyOf: { pattern?: string }[] };
    return new RegExp(anyOf.find((each) => each.pattern !== undefined)!.pattern!);
  };
  for (const text of ["500ms", "1h30m", " 5 ", "0.5"]) expect(text).toMatch(pattern(duration));
  for (const text of ["64KB", "1 mb", "12"]) expect(text).toMatch(pattern(size));
  for (const text of ["1%", "0.01", "99.9 %"]) expect(text).toMatch(pattern(share));
  expect("5 parsecs").not.toMatch(pattern(duration));
});

describe("a value", () => {
  it.each([
    [duration, "1h30m", 5_400_000],
    [duration, 30, 30_000],
    [size, "64KB", 65_536],
    [share, "1%", 0.01],
    [share, 0.5, 0.5],
  ])("is read as a number of the base unit", (field, text, expected) => expect(field.parse(text)).toBe(expected));

  it.each([
    [duration, "5 parsecs", "a duration such as 500ms"],
    [duration, -1, "a duration such as 500ms"],
    [duration, true, "a duration such as 500ms"],
    [duration, null, "a duration such as 500ms"],
    [duration, "9".repeat(400), "a duration such as 500ms"],
    [size, "64 chunks", "a size such as 64KB"],
    [size, [], "a size such as 64KB"],
    [share, "half", "a share such as 1%"],
  ])("that cannot be read is one sentence of what was expected", (field, text, expected) => {
    const { error } = field.safeParse(text);
    expect(error?.issues).toHaveLength(1);
    expect(error?.issues[0]?.message).toContain(expected);
  });
});

it("a stand-in without settings answers in 20 +- 5 ms and never fails", () => {
  expect(standInSchema.parse({})).toEqual({
    latency: 20,
    jitter: 5,
    error_rate: 0,
    soft_error_rate: 0,
    limit_rate: 0,
    rate_limits: false,
    hang_rate: 0,
    max_inline: 10 * 1024 * 1024,
    usage: true,
  });
});
