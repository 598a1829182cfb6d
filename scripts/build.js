/**
 * Builds load_tests/ into dist/ when a source is newer than the last build: a file for each entry and for what several
 * share, with the libraries that are plain JavaScript in them, since a process that reads few files starts sooner.
 * `--types` begins anew and adds declarations.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const sources = join(root, "load_tests");
const dist = join(root, "dist");
const stamp = join(dist, ".built-from");

/** The command, the threads and the process that it starts, and what programs and users' own files import. */
const ENTRIES = ["cli", "worker", "sampler", "listener", "stand_ins", "index", "api"];

/** Stay packages of their own: native code, what looks for files beside itself, what is large and seldom wanted. */
const PACKAGES = [
  "@faker-js/faker",
  "@grpc/grpc-js",
  "@grpc/proto-loader",
  "canvas",
  "chart.js",
  "grpc-health-check",
  "jiti",
  "tsx",
];

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
  [join(root, "package.json"), fileURLToPath(import.meta.url), ...list]
    .map((file) => ({ file: relative(root, file), stat: statSync(file) }))
    .map(({ file, stat }) => `${file} ${stat.size} ${stat.mtimeMs}`)
    .join("\n");

/** A source goes on to find what lies beside it by its own address, whichever file it has become a part of. */
const ownAddresses = {
  name: "own-addresses",
  setup: (build) =>
    build.onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const text = readFileSync(path, "utf8");
      if (!path.startsWith(sources + sep) || !text.includes("import.meta.url")) return undefined;
      const own = relative(sources, path).split(sep).join("/").replace(/ts$/, "js");
      return { contents: text.replaceAll("import.meta.url", `new URL("${own}", import.meta.url).href`), loader: "ts" };
    }),
};

/** Of its fifty languages the schemas' library speaks one here: half of what it would bring. */
const oneLanguage = {
  name: "one-language",
  setup: (build) =>
    build.onLoad({ filter: /zod\/v4\/locales\/index\.js$/ }, () => ({
      contents: 'export { default as en } from "./en.js";',
    })),
};

/** Without this library (`npm ci --omit=dev`) reports say that the PNG charts are missing. */
const CHARTS = "chartjs-node-canvas";
const missing = () => (existsSync(join(root, "node_modules", CHARTS)) ? [] : [CHARTS]);

/** How all of Tenfold is bundled: for dist, and for benchmarks of parts of it. */
export const BUNDLING = {
  bundle: true,
  platform: "node",
  target: "node20",
  format: "esm",
  // Libraries in CommonJS ask for modules of Node by `require`.
  banner: {
    js: 'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);',
  },
  external: [...PACKAGES, ...missing()],
  logLevel: "warning",
  plugins: [ownAddresses, oneLanguage],
};

/** Another run may be reading the same file: each is put in place whole. */
function put(path, content) {
  mkdirSync(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, content);
  renameSync(draft, path);
}

const packageOf = (input) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0];

/** The licences of the libraries that are in the bundles. */
function licences({ inputs }) {
  const packages = [...new Set(Object.keys(inputs).map(packageOf))].filter((path) => path !== undefined).sort();
  const texts = packages.map((path) => {
    const { name, version, license } = JSON.parse(readFileSync(join(root, path, "package.json"), "utf8"));
    const file = readdirSync(join(root, path)).find((each) => /^licen[cs]e/i.test(each));
    const text = file === undefined ? "" : readFileSync(join(root, path, file), "utf8");
    return `${name} ${version}: ${license}\n\n${text.trim()}\n`;
  });
  return texts.join(`\n${"-".repeat(80)}\n\n`);
}

async function bundle(list) {
  const { build } = await import("esbuild");
  const { outputFiles, metafile } = await build({
    ...BUNDLING,
    absWorkingDir: root,
    entryPoints: ENTRIES.map((name) => join(sources, `${name}.ts`)),
    outdir: dist,
    splitting: true,
    chunkNames: "[name]-[hash]",
    sourcemap: "linked",
    sourcesContent: false,
    metafile: true,
    write: false,
  });
  for (const { path, contents } of outputFiles) put(path, contents);
  for (const file of list.filter(isAsset)) put(join(dist, relative(sources, file)), readFileSync(file));
  put(join(dist, "LICENCES.txt"), licences(metafile));
}

/** Brings dist up to date; gives whether there was anything to do. */
export async function buildIfStale() {
  const list = files();
  const now = fingerprint(list);
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === now) return false;
  await bundle(list);
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
