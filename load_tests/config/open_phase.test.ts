import { describe, expect, it } from "vitest";
import { isEndless } from "../core/endless.ts";
import { API, load } from "./fixtures_plan.ts";

const text = (words: string) =>
  `${API}
scenarios:
  s:
    ${words}
    phases:
      - { name: baseline, users: 10, spawn_rate: 2, duration: "\${WARM_UP:-0}" }
      - { name: intervention, users: 50, spawn_rate: 5 }`;

const planOf = (words: string, env: Record<string, string> = {}, flags = {}) => load(text(words), { env, flags });
const spansOf = async (words: string, env: Record<string, string>, flags = {}) =>
  (await planOf(words, env, flags)).scenarios[0]!.phases.map(({ name, start, duration }) => [name, start, duration]);

describe("A last phase without a duration", () => {
  it("takes what the phases before it leave of the scenario's", async () => {
    expect(await spansOf("duration: 15m", { WARM_UP: "300" })).toEqual([
      ["baseline", 0, 300_000],
      ["intervention", 300_000, 600_000],
    ]);
  });

  it("has no end where the scenario has none", async () => {
    const { scenarios } = await planOf("duration: 0", { WARM_UP: "300" });
    expect(isEndless(scenarios[0]!.duration)).toBe(true);
    expect(scenarios[0]!.phases[1]!.start).toBe(300_000);
  });

  it("is scaled with the others by --duration, and ends by it where it had no end", async () => {
    const flags = { duration: 90_000 };
    expect(await spansOf("duration: 15m", { WARM_UP: "300" }, flags)).toEqual([
      ["baseline", 0, 30_000],
      ["intervention", 30_000, 60_000],
    ]);
    expect(await spansOf("duration: 0", { WARM_UP: "30" }, flags)).toEqual([
      ["baseline", 0, 30_000],
      ["intervention", 30_000, 60_000],
    ]);
    await expect(planOf("duration: 0", { WARM_UP: "90" }, flags)).rejects.toThrow("take longer than that");
  });

  it.each(["60", "60.0", "1m", "61"])("is refused where the phases before it take %s of 60 s", async (warmUp) => {
    await expect(planOf("duration: 60s", { WARM_UP: warmUp })).rejects.toThrow(
      /duration: the phases before `intervention` take 6\d s: expected more than that, or 0 for no end/,
    );
  });

  it("is refused where the scenario says no duration either", async () => {
    await expect(planOf("seed: 1", { WARM_UP: "5" })).rejects.toThrow("this phase has no end");
  });
});

describe("A phase of no length", () => {
  it("is left out, and that is said", async () => {
    const { scenarios, remarks } = await planOf("duration: 60s");
    expect(scenarios[0]!.phases).toMatchObject([{ name: "intervention", start: 0, duration: 60_000 }]);
    expect(scenarios[0]!.flows[0]!.segments[0]).toMatchObject({ from: 0, to: 50, duration: 10_000 });
    expect(remarks).toContain("phase baseline is left out: it lasts 0 s");
  });
});

describe("A default that is a variable", () => {
  const users = async (env: Record<string, string>) => {
    const plan = await load(`${API}\nscenarios: { s: { users: "\${A:-\${B:-10}}", duration: 1m } }`, { env });
    return plan.scenarios[0]!.flows[0]!.segments[0]!.to;
  };

  it.each([
    [{}, 10],
    [{ B: "20" }, 20],
    [{ A: "30", B: "20" }, 30],
    [{ A: "", B: "20" }, 20],
    [{ A: "30" }, 30],
  ])("of %o gives %d", async (env, expected) => {
    expect(await users(env)).toBe(expected);
  });

  it("is asked for by name where nothing is set", async () => {
    await expect(load(`${API}\nscenarios: { s: { users: "\${A:-\${B}}", duration: 1m } }`)).rejects.toThrow(
      "the environment variable B is not set",
    );
  });
});
