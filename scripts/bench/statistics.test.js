import { describe, expect, test } from "vitest";
import { figure, median, medians, table } from "./statistics.js";

describe("the bench's medians", () => {
  test.each([
    [[3], 3],
    [[9, 1, 5], 5],
    [[4, 1, 3, 2], 2.5],
    [[], Number.NaN],
  ])("of %j is %d", (values, middle) => {
    expect(median(values)).toBe(middle);
  });

  test("are taken of every number of a job, kind and name, in the order of the first round", () => {
    const row = (name, round, per_second) => ({ job: "http", kind: "GET", name, round, per_second });
    const rows = [
      row("wrk", 1, 10),
      row("tenfold", 1, 7),
      row("tenfold", 2, 5),
      row("wrk", 2, 30),
      row("tenfold", 3, 6),
    ];
    expect(medians(rows)).toEqual([
      { job: "http", kind: "GET", name: "wrk", rounds: 2, per_second: 20 },
      { job: "http", kind: "GET", name: "tenfold", rounds: 3, per_second: 6 },
    ]);
  });
});

describe("the bench's tables", () => {
  test.each([
    [168_000.4, "168,000"],
    [16.04, "16.0"],
    [0.512, "0.51"],
    [Number.NaN, "-"],
    [undefined, "-"],
    ["95 %", "95 %"],
  ])("write %s as %s", (value, text) => {
    expect(figure(value)).toBe(text);
  });

  test("have texts to the left and figures to the right", () => {
    const columns = [
      ["", ({ name }) => name],
      ["requests/s", ({ rate }) => rate],
    ];
    const rows = [
      { name: "wrk", rate: 120_000 },
      { name: "tenfold", rate: 7 },
    ];
    expect(table(columns, rows)).toEqual(["         requests/s", "wrk         120,000", "tenfold        7.00"]);
  });
});
