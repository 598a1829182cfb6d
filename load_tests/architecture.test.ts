import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, it } from "vitest";

const root = dirname(fileURLToPath(import.meta.url));

const FOLDERS = [
  "core",
  "config",
  "clients",
  "workloads",
  "data",
  "init",
  "engine",
  "resources",
  "sinks",
  "criteria",
  "compare",
  "reports",
  "server",
  "cluster",
  "targets",
  "e2e",
];
/** What a folder may import beside `core` and itself. */
const ARROWS: Record<string, readonly string[]> = { server: ["engine"], cluster: ["engine"] };
/** The only folders that may read a clock, set a timer or make a random source; so may the files at the top. */
const WITH_CLOCK = new Set(["", "engine", "targets", "server", "cluster"]);
const CLOCKS = /^(Date\.now|performance\.\w+|Math\.random|process\.hrtime.*|crypto\.(randomUUID|getRandomValues))$/;
const TIMERS = new Set(["setTimeout", "setInterval", "setImmediate"]);
const VAGUE = /^(utils?|helpers?|common|manager|base|misc|shared|lib)\b/;
/** Default exports that a tool asks for. */
const ASKED_BY_TOOLS = new Set(["e2e/build.ts"]);

interface Source {
  /** Below load_tests, with slashes. */
  readonly path: string;
  /** The folder at the top that it stands in; "" for the files at the top. */
  readonly folder: string;
  readonly imports: readonly string[];
  /** Everything that is called or constructed, as written: `Date.now`, `setTimeout`, `new Date()`. */
  readonly uses: ReadonlySet<string>;
  readonly defaultExport: boolean;
}

function importOf(node: ts.Node): string[] {
  if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier)
    return [(node.moduleSpecifier as ts.StringLiteral).text];
  const [argument] =
    ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword ? node.arguments : [];
  return argument !== undefined && ts.isStringLiteral(argument) ? [argument.text] : [];
}

function useOf(node: ts.Node, file: ts.SourceFile): string[] {
  if (ts.isPropertyAccessExpression(node)) return [node.getText(file)];
  if (ts.isNewExpression(node) && !node.arguments?.length) return [`new ${node.expression.getText(file)}()`];
  return ts.isIdentifier(node) ? [node.text] : [];
}

const isDefaultExport = (node: ts.Node): boolean =>
  (ts.isExportAssignment(node) && !node.isExportEquals) ||
  (ts.canHaveModifiers(node) &&
    (ts.getModifiers(node) ?? []).some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword));

function parse(path: string, text: string): Source {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.ES2023);
  const imports: string[] = [];
  const uses = new Set<string>();
  let defaultExport = false;
  const visit = (node: ts.Node): void => {
    imports.push(...importOf(node));
    for (const use of useOf(node, file)) uses.add(use);
    defaultExport ||= isDefaultExport(node);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return { path, folder: path.includes("/") ? path.split("/")[0]! : "", imports, uses, defaultExport };
}

const isTest = (path: string): boolean => path.endsWith(".test.ts") || path.startsWith("e2e/");

const everything = readdirSync(root, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts"))
  .map((name) => name.split(sep).join("/"))
  .map((path) => parse(path, readFileSync(join(root, path), "utf8")));
/** The files, below load_tests, that a file imports. */
const reached = ({ path, imports }: Source): string[] =>
  imports
    .filter((name) => name.startsWith("."))
    .map((name) =>
      relative(root, join(root, dirname(path), name))
        .split(sep)
        .join("/"),
    );

/** Fixtures and contracts: what only tests import, and what has no test of its own. */
function testSupport(): ReadonlySet<string> {
  const paths = new Set(everything.map(({ path }) => path));
  const importers = new Map<string, string[]>();
  for (const source of everything)
    for (const path of reached(source)) importers.set(path, [...(importers.get(path) ?? []), source.path]);
  const support = new Set<string>();
  const serves = ({ path, folder }: Source): boolean => {
    const ownTest = paths.has(path.replace(/\.ts$/, ".test.ts"));
    const users = importers.get(path) ?? [];
    return folder !== "" && !ownTest && users.length > 0 && users.every((user) => isTest(user) || support.has(user));
  };
  for (let before = -1; before < support.size; ) {
    before = support.size;
    for (const source of everything) if (serves(source)) support.add(source.path);
  }
  return support;
}

const support = testSupport();
const code = everything.filter(({ path }) => !isTest(path) && !support.has(path));

const folderOf = (path: string): string => (path.includes("/") ? path.split("/")[0]! : "");

function wrongArrows(source: Source): string[] {
  if (source.folder === "") return [];
  const allowed = new Set(["core", source.folder, ...(ARROWS[source.folder] ?? [])]);
  return reached(source)
    .filter((path) => !allowed.has(folderOf(path)))
    .map((path) => `${source.path} imports ${path}`);
}

/** `clients/wire` and `clients/http2` are no protocols of services: they have what those over HTTP share. */
function wrongProtocolArrows(source: Source): string[] {
  const protocol = (path: string) => /^clients\/(?!wire\/|http2\/)(\w+)\//.exec(path)?.[1];
  const own = protocol(source.path);
  return reached(source)
    .filter((path) => own !== undefined && protocol(path) !== undefined && protocol(path) !== own)
    .map((path) => `${source.path} imports ${path}`);
}

function clockUses({ path, uses, imports }: Source): string[] {
  const found = [...uses].filter((use) => CLOCKS.test(use) || TIMERS.has(use) || use === "new Date()");
  const modules = imports.filter((name) => /^node:(timers|perf_hooks)/.test(name));
  return [...found, ...modules].map((use) => `${path} uses ${use}`);
}

const clockless = (source: Source): boolean => !WITH_CLOCK.has(source.folder);

describe("the house", () => {
  it("has code, and folders of the design only", () => {
    expect(code.length).toBeGreaterThan(50);
    expect(everything.filter(({ folder }) => !["", ...FOLDERS].includes(folder)).map(({ path }) => path)).toEqual([]);
  });

  it("has arrows to core only, from every folder", () => {
    expect(code.flatMap(wrongArrows)).toEqual([]);
  });

  it("has protocols that do not know one another", () => {
    expect(code.flatMap(wrongProtocolArrows)).toEqual([]);
  });

  it("has a core without Node, clock and chance", () => {
    const core = code.filter(({ folder }) => folder === "core");
    expect(
      core.flatMap(({ path, imports }) => imports.filter((i) => i.startsWith("node:")).map((i) => `${path}: ${i}`)),
    ).toEqual([]);
    const globals = ["Buffer", "process", "fetch", "console", "require"];
    expect(core.flatMap(({ path, uses }) => globals.filter((g) => uses.has(g)).map((g) => `${path}: ${g}`))).toEqual(
      [],
    );
  });

  it("has a core without circles: its files can be read one after the other", () => {
    const left = new Map(code.filter(({ folder }) => folder === "core").map((source) => [source.path, source]));
    const readable = () => [...left.values()].filter((source) => !reached(source).some((path) => left.has(path)));
    for (let next = readable(); next.length > 0; next = readable()) for (const { path } of next) left.delete(path);
    expect([...left.keys()]).toEqual([]);
  });

  it("has one clock and one random source, handed in", () => {
    expect(code.filter(clockless).flatMap(clockUses)).toEqual([]);
    expect(code.filter(({ uses }) => uses.has("Math.random")).map(({ path }) => path)).toEqual([]);
  });

  it("ends the process in cli.ts alone", () => {
    expect(code.filter(({ uses }) => uses.has("process.exit")).map(({ path }) => path)).toEqual(["cli.ts"]);
  });

  it("names a file by what is in it", () => {
    expect(everything.map(({ path }) => path).filter((path) => VAGUE.test(basename(path)))).toEqual([]);
  });

  it("exports by name", () => {
    const found = everything.filter(({ path, defaultExport }) => defaultExport && !ASKED_BY_TOOLS.has(path));
    expect(found.map(({ path }) => path)).toEqual([]);
  });

  it("imports its own files by their full name", () => {
    const short = everything.flatMap(({ path, imports }) =>
      imports.filter((name) => name.startsWith(".") && !/\.\w+$/.test(name)).map((name) => `${path}: ${name}`),
    );
    expect(short).toEqual([]);
  });
});

describe("these tests", () => {
  const bad = parse(
    "clients/http/bad.ts",
    `import { x } from "../../engine/clock.ts";
     import { y } from "../grpc/op.ts";
     export { z } from "node:timers/promises";
     const later = await import("../../config/load.ts");
     setTimeout(() => Date.now(), 1); new Date(); const now = performance.now;
     export default class Bad {}`,
  );

  it("see a wrong arrow however it is written", () => {
    expect(wrongArrows(bad)).toEqual([
      "clients/http/bad.ts imports engine/clock.ts",
      "clients/http/bad.ts imports config/load.ts",
    ]);
    expect(wrongProtocolArrows(bad)).toEqual(["clients/http/bad.ts imports clients/grpc/op.ts"]);
  });

  it("see clocks, timers and default exports, and not those in comments and texts", () => {
    expect(
      clockUses(bad)
        .map((use) => use.split(" uses ")[1])
        .sort(),
    ).toEqual(["Date.now", "new Date()", "node:timers/promises", "performance.now", "setTimeout"].sort());
    expect(bad.defaultExport).toBe(true);
    const good = parse(
      "core/good.ts",
      `// Date.now()\nexport const text = "Math.random"; export const at = new Date(0);`,
    );
    expect([clockUses(good), good.defaultExport]).toEqual([[], false]);
  });
});
