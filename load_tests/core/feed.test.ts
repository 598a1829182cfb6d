import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Drawer, type FeedPlan, rowOf } from "./feed.ts";
import { randomStream } from "./random.ts";

const feed = (rest: Partial<FeedPlan>): FeedPlan => ({
  ...{ name: "f", file: "/f.csv", format: "csv", delimiter: ",", order: "sequential", unique: false },
  ...{ atEnd: "recycle", rows: 10 },
  ...rest,
});
const drawer = (rest: Partial<Drawer>): Drawer => ({
  ...{ flow: 0, flows: 1, users: 3, index: 0, draw: 0, seed: 1, random: randomStream(1) },
  ...rest,
});
const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
const draws = (of: FeedPlan, who: Partial<Drawer>, n: number) =>
  range(n).map((draw) => rowOf(of, drawer({ ...who, draw })));

describe("Rows", () => {
  it("are read by a user at its number, then by steps of all users, and from the front again", () => {
    expect(draws(feed({}), { index: 1 }, 6)).toEqual([1, 4, 7, 0, 3, 6]);
  });

  it("are read by an arrival at its number", () => {
    expect([0, 9, 10, 25].map((index) => rowOf(feed({}), drawer({ users: 0, index })))).toEqual([0, 9, 0, 5]);
  });

  it("end with `at_end: stop`, for each user after its last", () => {
    expect(draws(feed({ atEnd: "stop" }), { index: 1 }, 5)).toEqual([1, 4, 7, null, null]);
    expect(draws(feed({ atEnd: "stop" }), { index: 0 }, 5)).toEqual([0, 3, 6, 9, null]);
  });

  it("are each read once in a pass, by users of all flows together, in whatever order", () => {
    const cases = fc.record({
      rows: fc.integer({ min: 1, max: 200 }),
      users: fc.integer({ min: 1, max: 20 }),
      flows: fc.integer({ min: 1, max: 3 }),
      seed: fc.nat(),
      order: fc.constantFrom("sequential" as const, "shuffle" as const),
      unique: fc.boolean(),
    });
    fc.assert(
      fc.property(cases, ({ rows, users, flows, seed, order, unique }) => {
        const of = feed({ rows, order, unique, atEnd: "stop" });
        const found = range(flows).flatMap((flow) =>
          range(users).flatMap((index) =>
            range(Math.ceil(rows / users) + 1).flatMap(
              (draw) => rowOf(of, drawer({ flow, flows, users, index, draw, seed })) ?? [],
            ),
          ),
        );
        expect(found.sort((a, b) => a - b)).toEqual(range(rows));
      }),
    );
  });

  it("are shuffled anew in each pass, each row once", () => {
    const of = feed({ order: "shuffle", rows: 50 });
    const passes = [0, 1].map((pass) =>
      range(50).map((k) => rowOf(of, drawer({ users: 0, index: pass * 50 + k }))!),
    ) as [number[], number[]];
    for (const pass of passes) expect([...pass].sort((a, b) => a - b)).toEqual(range(50));
    expect(passes[0]).not.toEqual(passes[1]);
    expect(passes[0]).not.toEqual(range(50));
  });

  it("at random come from the stream that is handed in, and never end", () => {
    const of = feed({ order: "random", atEnd: "stop" });
    const random = randomStream(9);
    const found = range(2000).map((draw) => rowOf(of, drawer({ draw, random })));
    expect([...new Set(found)].sort()).toEqual(range(10));
    const again = randomStream(9);
    expect(range(2000).map((draw) => rowOf(of, drawer({ draw, random: again })))).toEqual(found);
  });
});

describe("Unique rows", () => {
  it.each(["sequential", "shuffle", "random"] as const)("belong to one user for good, %s", (order) => {
    const of = feed({ unique: true, order, rows: 11 });
    const owned = range(3).map((index) => new Set(draws(of, { index, random: randomStream(2, index) }, 200)));
    expect(owned.map((rows) => rows.size)).toEqual([4, 4, 3]);
    expect(new Set(owned.flatMap((rows) => [...rows])).size).toBe(11);
  });

  it("are never given to a second arrival: past the last there is none, even where they would recycle", () => {
    for (const order of ["sequential", "shuffle", "random"] as const) {
      const of = feed({ unique: true, order });
      const found = range(14).map((index) => rowOf(of, drawer({ users: 0, index })));
      expect(new Set(found.slice(0, 10)).size).toBe(10);
      expect(found.slice(10)).toEqual([null, null, null, null]);
    }
  });

  it("are none for users beyond the rows", () => {
    expect(rowOf(feed({ unique: true, rows: 2 }), drawer({ index: 2 }))).toBeNull();
  });
});
