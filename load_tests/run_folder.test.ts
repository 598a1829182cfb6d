import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { makeRunFolder, writeReports } from "./run_folder.ts";

const at = new Date(2026, 2, 9, 7, 5, 3);

test("runs that start in the same second get folders of their own", () => {
  const output = mkdtempSync(join(tmpdir(), "tenfold-"));
  const stamps = [1, 2, 3].map(() => makeRunFolder(output, "smoke", at).stamp);
  expect(stamps).toEqual(["20260309_070503", "20260309_070503_2", "20260309_070503_3"]);
});

test("reports are written below the folder", () => {
  const folder = makeRunFolder(mkdtempSync(join(tmpdir(), "tenfold-")), "smoke", at);
  writeReports(folder.path, [{ path: "analysis/summary.txt", content: "fine" }]);
  expect(readFileSync(join(folder.path, "analysis", "summary.txt"), "utf8")).toBe("fine");
  expect(basename(folder.path)).toBe(folder.stamp);
});

test("a file where the folder should be is an error of the file system", () => {
  const output = join(mkdtempSync(join(tmpdir(), "tenfold-")), "reports");
  writeFileSync(output, "");
  expect(() => makeRunFolder(output, "smoke", at)).toThrow(/EEXIST|ENOTDIR/);
});
