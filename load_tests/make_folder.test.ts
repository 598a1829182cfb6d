import { existsSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeFolder } from "./make_folder.ts";

const folder = () => mkdtempSync(join(tmpdir(), "tenfold-folder-"));

test("a folder is made with those above it, and may be there already", () => {
  const path = join(folder(), "a", "b", "c");
  makeFolder(path);
  makeFolder(path);
  expect(existsSync(path)).toBe(true);
});

test("a link to a folder is one, a file is none", () => {
  const at = folder();
  symlinkSync(at, join(at, "link"));
  makeFolder(join(at, "link", "a"));
  expect(existsSync(join(at, "a"))).toBe(true);
  writeFileSync(join(at, "file"), "");
  expect(() => makeFolder(join(at, "file"))).toThrow(/EEXIST/);
  expect(() => makeFolder(join(at, "file", "a"))).toThrow(/ENOTDIR/);
});

test.runIf(existsSync("/proc/self"))("a place that takes no folder says so at once", () => {
  expect(() => makeFolder("/proc/tenfold/a/b")).toThrow(/ENOENT|EACCES|EPERM/);
});
