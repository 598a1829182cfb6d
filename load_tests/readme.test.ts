/** The configs that README shows are sound. */
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ConfigError, loadPlan } from "./config/load.ts";
import { criteria, protocols } from "./registry.ts";

const README = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const BLOCKS = [...README.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text]) => text!);
const CONFIGS = BLOCKS.filter((text) => !text.startsWith("- run:"));

/** What a part of a config speaks of and does not show. */
const BESIDE = [
  ["services", '{ rest: { shop: { host: "localhost:1", endpoints: [ { path: / } ] } } }'],
  ["workloads", "{ shopper: { service: shop, tasks: [ { name: buy, steps: [ { get: / } ] } ] } }"],
] as const;

const PROTO = `syntax = "proto3"; package shop;
service Catalog { rpc GetProduct (Wanted) returns (Product); }
message Wanted { string id = 1; } message Product { string name = 1; }`;

test.each(CONFIGS.map((text) => [text.split("\n").find((line) => /^\w/.test(line))!, text]))(
  "the one that begins with %s",
  async (_, shown) => {
    const folder = mkdtempSync(join(tmpdir(), "tenfold-readme-"));
    mkdirSync(join(folder, "protos"));
    writeFileSync(join(folder, "protos", "demo.proto"), PROTO);
    const beside = BESIDE.filter(([key]) => !shown.includes(`${key}:\n`));
    const text = `${shown}${beside.map(([key, value]) => `${key}: ${value}\n`).join("")}`;
    expect(await wrongWith(join(folder, "c.yaml"), text)).toEqual([]);
  },
);

async function wrongWith(file: string, text: string): Promise<string[]> {
  const [, first] = /^scenarios:\n {2}(\w+):/m.exec(text)!;
  const flags = { scenario: [first!] };
  try {
    await loadPlan({ file, text, env: { TOKEN: "x" }, protocols, criteria, flags, readable: () => true });
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ message }) => message);
  }
}
