/**
 * `node scripts/pictures.js`: makes README's pictures again, from a real run of half a minute: the terminal as an SVG,
 * the top of the HTML report as a PNG. Needs a browser, as the tests of the report do.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import { buildIfStale } from "./build.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const pictures = join(root, ".github/pictures");

const CONFIG = `
services:
  grpc:
    stt: { host: embedded, embedded: { latency: 40ms, jitter: 15ms }, weight: 3 }
    llm: { host: embedded, weight: 2 }
  rest:
    api:
      host: embedded
      embedded: { latency: 15ms, jitter: 10ms, faults: { 503: 2% } }
      endpoints: [ { path: "/items/{{random.int 1 100}}", name: "GET /items/:id", weight: 3 }, { path: /items, method: POST, json: { name: a } } ]
scenarios:
  spike:
    description: a level, a spike, and the recovery after it
    think_time: 200ms..600ms
    phases:
      - { name: level, users: 12, duration: 10s }
      - { name: spike, users: { to: 60 }, duration: 8s }
      - { name: recovery, users: 12, duration: 12s }
criteria: [ "p95 < 2s", "error_rate < 1%", "ttft p95 < 500ms" ]
`;

const COLUMNS = 104;
const COLORS = {
  1: "font-weight:bold",
  2: "opacity:.65",
  31: "fill:#ff7b72",
  32: "fill:#7ee787",
  33: "fill:#e3b341",
  36: "fill:#79c0ff",
};
const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };
const safe = (text) => text.replace(/[&<>]/g, (sign) => ESCAPES[sign]);

/** A line of a terminal as spans: each `ESC [ n m` begins a style, 0 ends it. */
function spans(line) {
  const [plain, ...painted] = line.split("\u001b[");
  const styled = painted.map((part) => {
    const [, code, text] = /^(\d+)m(.*)$/s.exec(part);
    return COLORS[code] === undefined ? safe(text) : `<tspan style="${COLORS[code]}">${safe(text)}</tspan>`;
  });
  return safe(plain) + styled.join("");
}

function terminalSvg(text) {
  const lines = text.trimEnd().split("\n");
  const [width, height] = [COLUMNS * 8.45 + 32, lines.length * 19 + 36];
  const rows = lines.map((line, i) => `<text x="16" y="${(i + 1) * 19 + 10}">${spans(line)}</text>`);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="Tenfold in a terminal">
<style>text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:#e6edf3;white-space:pre}</style>
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
${rows.join("\n")}
</svg>
`;
}

async function screenshot(file, to) {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox"],
  });
  try {
    const page = await browser.newPage({ viewport: { width: 1200, height: 1180 } });
    await page.goto(pathToFileURL(file).href);
    await page.waitForTimeout(1000);
    await page.screenshot({ path: to });
  } finally {
    await browser.close();
  }
}

await buildIfStale();
const cwd = mkdtempSync(join(tmpdir(), "tenfold-pictures-"));
try {
  writeFileSync(join(cwd, "tenfold.yaml"), CONFIG);
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, FORCE_COLOR: "1", COLUMNS: String(COLUMNS) };
  const command = [join(root, "dist/cli.js"), "run", "--config", "tenfold.yaml", "--only-summary"];
  const { stdout, stderr, status } = spawnSync(process.execPath, command, { cwd, env, encoding: "utf8" });
  if (status === null || status === 104 || status === 1) throw new Error(`the run ended with ${status}: ${stderr}`);
  const [run] = readdirSync(join(cwd, "reports/spike"), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const folder = join(cwd, "reports/spike", run.name);
  mkdirSync(pictures, { recursive: true });
  writeFileSync(join(pictures, "terminal.svg"), terminalSvg(`$ npx tenfold run --config tenfold.yaml\n\n${stdout}`));
  const page = readdirSync(folder).find((name) => /^load_report_.*\.html$/.test(name));
  await screenshot(join(folder, page), join(pictures, "report.png"));
} finally {
  rmSync(cwd, { recursive: true, force: true });
}
