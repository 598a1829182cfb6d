/** A disk that is really full: a file system of 64 KB in memory, where this machine lets one be mounted. */
import { execFileSync } from "node:child_process";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { emptyFolder, tenfold, writeConfig } from "./tenfold.ts";

const CONFIG = `
services: { rest: { api: { host: embedded, endpoints: [ { path: / } ] } } }
scenarios: { s: { users: 5, think_time: 50ms, duration: 2s, criteria: [ error_rate < 1% ] } }
reports: { format: [html, json, csv] }
`;

function mountTiny(folder: string, options: readonly string[] = []): boolean {
  try {
    execFileSync("mount", [...options, "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

const disk = emptyFolder();
const mounted = mountTiny(disk);
afterAll(() => {
  if (mounted) execFileSync("umount", [disk]);
});
if (!mounted) console.warn("No file system can be mounted here (it takes root): the full disk's tests are skipped.");

test.skipIf(!mounted)(
  "a disk that fills up under the reports is one sentence, the verdict on the console, and exit 1",
  async () => {
    const cwd = emptyFolder();
    const { code, stdout, stderr } = await tenfold(["--config", writeConfig(cwd, CONFIG), "--output-dir", disk], cwd);
    expect(code).toBe(1);
    expect(stdout).toMatch(/PASS \(embedded: api\)/);
    expect((stdout + stderr).match(/reports cannot be written to .*: the disk is full;/g)).toHaveLength(1);
    expect(stdout + stderr).not.toMatch(/ENOSPC| at .*\.js:/);
    const [run] = readdirSync(join(disk, "s"));
    expect(
      readdirSync(join(disk, "s", run!)).filter((name) => name.startsWith(".")),
      "drafts are taken back",
    ).toEqual([]);
  },
);

test.skipIf(!mounted)("a disk that is full before the run begins is the same", async () => {
  const cwd = emptyFolder();
  try {
    writeFileSync(join(disk, "filler"), Buffer.alloc(128 * 1024));
  } catch {
    // It is full now.
  }
  const { code, stdout, stderr } = await tenfold(["--config", writeConfig(cwd, CONFIG), "--output-dir", disk], cwd);
  expect(code).toBe(1);
  expect(stdout).toMatch(/PASS \(embedded: api\)/);
  expect((stdout + stderr).match(/reports cannot be written to/g)).toHaveLength(1);
});

test.skipIf(!mounted)("`report` into that disk is the same: the verdict, one sentence, exit 1", async () => {
  const cwd = emptyFolder();
  await tenfold(["--config", writeConfig(cwd, CONFIG), "--format", "json", "--quiet"], cwd);
  const { code, stdout, stderr } = await tenfold(["report", "reports/s", "--output-dir", join(disk, "again")], cwd);
  expect(code).toBe(1);
  expect(stdout).toMatch(/PASS \(embedded: api\)/);
  expect((stdout + stderr).match(/reports cannot be written to .*: the disk is full;/g)).toHaveLength(1);
  expect(stdout).not.toContain("Reports:");
});

const locked = emptyFolder();
const isLocked = mounted && mountTiny(locked, ["-r"]);
afterAll(() => {
  if (isLocked) execFileSync("umount", [locked]);
});

test.skipIf(!isLocked)("a file system that is read-only is one sentence, the verdict, and exit 1", async () => {
  const cwd = emptyFolder();
  const config = writeConfig(cwd, CONFIG.replace("duration: 2s", "duration: 1s"));
  const { code, stdout, stderr } = await tenfold(["--config", config, "--output-dir", locked], cwd);
  expect(code).toBe(1);
  expect(stdout).toMatch(/PASS \(embedded: api\)/);
  expect((stdout + stderr).match(/reports cannot be written to .*read-only/g)).toHaveLength(1);
  expect(stdout + stderr).not.toMatch(/ENOENT|EROFS/);
});
