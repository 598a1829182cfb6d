import { execFileSync, spawn } from "node:child_process";
import { existsSync, lstatSync, mkdtempSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { writeExports } from "./exports.ts";
import { fixtureReport } from "./reports/fixture.ts";

const at = mkdtempSync(join(tmpdir(), "tenfold-exports-"));
const nowhere = { write: () => true };
const json = (path: string) => writeExports(fixtureReport(), { json: path }, { stdout: nowhere, several: false });

test.skipIf(process.platform === "win32")("a pipe gets the report, and stays a pipe", async () => {
  const pipe = join(at, "pipe");
  execFileSync("mkfifo", [pipe]);
  const reader = spawn("cat", [pipe]);
  const read = text(reader.stdout);
  expect(await json(pipe)).toEqual([]);
  expect(JSON.parse(await read).format).toBe(1);
  expect(statSync(pipe).isFIFO()).toBe(true);
});

test("a link stays one: its target gets the report", async () => {
  const [link, target] = [join(at, "link.json"), join(at, "target.json")];
  writeFileSync(target, "");
  symlinkSync(target, link);
  expect(await json(link)).toEqual([]);
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  expect(JSON.parse(readFileSync(target, "utf8")).format).toBe(1);
});

test.runIf(existsSync("/dev/full"))("a link to a full device is told, and stays", async () => {
  const link = join(at, "full");
  symlinkSync("/dev/full", link);
  expect((await json(link)).join()).toContain("the disk is full");
  expect(statSync(link).isCharacterDevice()).toBe(true);
});
