/** A real browser for tests: the system's chromium where there is one, else the one from npm (linux on x64 only). */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { brotliDecompressSync } from "node:zlib";
import { type Browser, chromium } from "playwright-core";

const INSTALLED = ["chromium", "chromium-browser", "google-chrome"].map((name) => join("/usr/bin", name));

/** The libraries that the browser from npm needs and a bare machine lacks; it unpacks them for one cloud only. */
function unpackLibraries(folder: string): string {
  const main = createRequire(import.meta.url).resolve("@sparticuz/chromium");
  const archive = readFileSync(join(dirname(main), "..", "..", "bin", "al2023.tar.br"));
  execFileSync("tar", ["-xf", "-", "-C", folder], { input: brotliDecompressSync(archive) });
  return join(folder, "lib");
}

async function fromNpm(): Promise<Browser> {
  const { default: packed } = await import("@sparticuz/chromium");
  const executablePath = await packed.executablePath();
  const folder = mkdtempSync(join(tmpdir(), "tenfold-browser-"));
  const LD_LIBRARY_PATH = [unpackLibraries(folder), process.env.LD_LIBRARY_PATH].filter(Boolean).join(":");
  const browser = await chromium.launch({
    executablePath,
    args: packed.args,
    env: { ...process.env, LD_LIBRARY_PATH },
  });
  browser.on("disconnected", () => rmSync(folder, { recursive: true, force: true }));
  return browser;
}

/** Null where no browser can be had: none is installed, and it is not linux on x64. */
export async function openBrowser(): Promise<Browser | null> {
  const installed = INSTALLED.find((path) => existsSync(path));
  if (installed !== undefined) {
    return chromium.launch({ executablePath: installed, args: ["--no-sandbox", "--disable-gpu"] });
  }
  return process.platform === "linux" && process.arch === "x64" ? fromNpm() : null;
}
