/** Builds load_tests/ into dist/, file by file, when a source is newer than the last build. `--types` begins anew and adds declarations. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const sources = join(root, "load_tests");
const dist = join(root, "dist");
const stamp = join(dist, ".built-from");
const isCode = (name) => name.endsWith(".ts") && !name.endsWith(".test.ts");
const isAsset = (name) => /\.(hbs|css|proto|wav|ttf|client\.js)$/.test(name);

const files = () =>
  readdirSync(sources, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !relative(sources, entry.parentPath).startsWith("e2e"))
    .filter((entry) => isCode(entry.name) || isAsset(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();

/** Says what the sources are: a build of the same is not repeated. */
const fingerprint = (list) =>
  [join(root, "package.json"), ...list]
    .map((file) => ({ file: relative(root, file), stat: statSync(file) }))
    .map(({ file, stat }) => `${file} ${stat.size} ${stat.mtimeMs}`)
    .join("\n");

/** Keeps relative imports as imports, of the built names. */
const keepImports = {
  name: "keep-imports",
  setup: (build) =>
    build.onResolve({ filter: /^\./ }, ({ kind, path }) =>
      kind === "entry-point" ? undefined : { path: path.replace(/\.ts$/, ".js"), external: true },
    ),
};

const CHARTS = "chartjs-node-canvas";
const BUNDLED_CHARTS = "./chartjs_node_canvas.js";

/** That library names a canvas that is built at install; ours is prebuilt, under an alias that holds only in this package. */
const bundledCharts = {
  name: "bundled-charts",
  setup: (build) =>
    build.onResolve({ filter: new RegExp(`^${CHARTS}$`) }, () => ({ path: BUNDLED_CHARTS, external: true })),
};

/** Without it (`npm ci --omit=dev`) reports say that the PNG charts are missing. */
async function bundleCharts(build) {
  if (!existsSync(join(root, "node_modules", CHARTS))) return;
  const { outputFiles } = await build({
    stdin: { contents: `export { ChartJSNodeCanvas } from "${CHARTS}";`, resolveDir: root },
    outfile: join(dist, "reports", BUNDLED_CHARTS),
    bundle: true,
    external: ["canvas", "chart.js"],
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
    platform: "node",
    target: "node20",
    format: "esm",
    write: false,
    logLevel: "warning",
  });
  for (const { path, contents } of outputFiles) put(path, contents);
}

/** Another run may be reading the same file: each is put in place whole. */
function put(path, content) {
  mkdirSync(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, content);
  renameSync(draft, path);
}

async function transpile(list) {
  const { build } = await import("esbuild");
  const { outputFiles } = await build({
    entryPoints: list.filter(isCode),
    outdir: dist,
    outbase: sources,
    bundle: true,
    packages: "external",
    platform: "node",
    target: "node20",
    format: "esm",
    sourcemap: "linked",
    write: false,
    logLevel: "warning",
    plugins: [bundledCharts, keepImports],
  });
  for (const { path, contents } of outputFiles) put(path, contents);
  await bundleCharts(build);
  for (const file of list.filter(isAsset)) put(join(dist, relative(sources, file)), readFileSync(file));
}

/** Brings dist up to date; gives whether there was anything to do. */
export async function buildIfStale() {
  const list = files();
  const now = fingerprint(list);
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === now) return false;
  await transpile(list);
  put(stamp, now);
  return true;
}

function declarations() {
  const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
  execFileSync(process.execPath, [tsc, "--project", "tsconfig.types.json"], { cwd: root, stdio: "inherit" });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const types = process.argv.includes("--types");
  if (types) rmSync(dist, { recursive: true, force: true });
  await buildIfStale();
  if (types) declarations();
}
