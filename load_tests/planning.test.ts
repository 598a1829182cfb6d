import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { planOf } from "./planning.ts";

const folder = mkdtempSync(join(tmpdir(), "tenfold-planning-"));
mkdirSync(join(folder, "shared"));
writeFileSync(join(folder, "shared", "base.proto"), 'syntax = "proto3"; package base; message Id { string id = 1; }');
writeFileSync(
  join(folder, "top.proto"),
  'syntax = "proto3"; package top; import "base.proto"; service S { rpc Get(base.Id) returns (base.Id); }',
);

const planWith = (imports: string) => {
  const text = `
services: { grpc: { s: { host: "127.0.0.1:1", proto: top.proto, include_dirs: [${imports}], calls: [ { method: top.S/Get } ] } } }
scenarios: { s: { users: 1, duration: 2s } }
`;
  return planOf({ file: join(folder, "tenfold.yaml"), text, env: {}, flags: {} });
};

test("imports of protos are found in folders beside the config", async () => {
  const { scenarios } = await planWith("shared");
  expect(scenarios).toHaveLength(1);
});

test("a file in the place of such a folder is a mistake", async () => {
  await expect(planWith("top.proto")).rejects.toThrow("include_dirs[0]: expected a folder that can be read");
});
