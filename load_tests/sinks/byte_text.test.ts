import fc from "fast-check";
import { expect, it } from "vitest";
import { ByteText } from "./byte_text.ts";

const textOf = (out: ByteText): string => Buffer.from(out.take()).toString();

it("writes numbers as JSON does", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 2 ** 46 })), (numbers) => {
      const out = new ByteText();
      for (const number of numbers) {
        out.addNumber(number);
        out.add(" ");
        out.addThousandths(number);
        out.add(" ");
      }
      expect(textOf(out)).toBe(numbers.map((number) => `${number} ${thousandths(number)} `).join(""));
    }),
  );
});

/** Exact, where a quotient of numbers is not. */
function thousandths(number: number): string {
  const digits = String(number).padStart(4, "0");
  return `${digits.slice(0, -3)}.${digits.slice(-3)}`.replace(/\.?0+$/, "");
}

it("grows as needed, and repeats what stands in it", () => {
  const out = new ByteText();
  const part = out.add("äß€𝄞".repeat(50_000));
  for (let i = 0; i < 3; i++) out.repeat(part);
  out.add("!");
  expect(textOf(out)).toBe(`${"äß€𝄞".repeat(200_000)}!`);
  expect(textOf(out)).toBe("");
});
