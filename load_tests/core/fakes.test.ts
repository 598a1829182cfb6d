import { faker } from "@faker-js/faker/locale/en";
import { expect, it, vi } from "vitest";
import { fakeOf, loadFakes } from "./fakes.ts";
import { randomStream } from "./random.ts";

await loadFakes({ deep: ["{{random.fake 'x'}}"] });

const names = Object.entries(faker).flatMap(([module, methods]: [string, unknown]) =>
  typeof methods === "object" && methods !== null
    ? [...Object.keys(methods), ...Object.getOwnPropertyNames(Object.getPrototypeOf(methods))].map(
        (method) => `${module}.${method}`,
      )
    : [],
);
const drawable = [...new Set(names)].filter((name) => fakeOf([name]) !== undefined);

it("Fakes come from the stream that is handed in and from nothing else, and none warns", () => {
  const warned = vi.spyOn(console, "warn").mockImplementation(() => {});
  expect(drawable.length).toBeGreaterThan(150);
  for (const name of drawable) {
    const draw = fakeOf([name])!;
    const sample = (seed: number) => {
      const random = randomStream(seed);
      return JSON.stringify(Array.from({ length: 20 }, () => draw(random)));
    };
    expect(sample(1), name).toBe(sample(1));
    expect(sample(1), name).not.toMatch(/undefined|^\[null/);
  }
  expect(warned).not.toHaveBeenCalled();
  warned.mockRestore();
});
