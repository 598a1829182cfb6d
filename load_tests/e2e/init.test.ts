import { readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { emptyFolder, tenfold } from "./tenfold.ts";

let server: Server;
let host: string;
let seen: { method: string; url: string }[];

const DOCUMENT = {
  openapi: "3.0.0",
  servers: [{ url: "/api" }],
  paths: {
    "/items/{id}": {
      parameters: [{ name: "id", in: "path", required: true, schema: { type: "integer", minimum: 1, maximum: 9 } }],
      get: {},
      delete: {},
    },
    "/items": { post: { requestBody: { content: { "application/json": { schema: { type: "object" } } } } } },
  },
};

beforeEach(async () => {
  seen = [];
  server = createServer((request, response) => {
    const { method = "", url = "" } = request;
    if (url === "/openapi.json") response.end(JSON.stringify(DOCUMENT));
    else {
      seen.push({ method, url });
      response.end("{}");
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  host = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => new Promise((resolve) => server.close(resolve)));

it("A config that is written from a service's own document runs, and only reads", async () => {
  const cwd = emptyFolder();
  const { code, stdout } = await tenfold(["init", `${host}/openapi.json`, "-o", "load/new.yaml"], cwd);
  expect([code, stdout]).toEqual([0, expect.stringContaining("3 endpoints, 1 of them called")]);
  const run = await tenfold(["--config", "load/new.yaml", "-d", "1s", "--format", "json"], cwd);
  expect([0, 97, 99]).toContain(run.code);
  expect(seen.length).toBeGreaterThan(0);
  expect(seen.filter(({ method, url }) => method !== "GET" || !/^\/api\/items\/[1-9]$/.test(url))).toEqual([]);
});

it("A file that is there is never written over, and what is no source is told", async () => {
  const cwd = emptyFolder();
  writeFileSync(join(cwd, "mine.yaml"), "mine");
  const there = await tenfold(["init", "-o", "mine.yaml"], cwd);
  expect([there.code, there.stderr]).toEqual([104, expect.stringContaining("mine.yaml is there already")]);
  expect(readFileSync(join(cwd, "mine.yaml"), "utf8")).toBe("mine");
  for (const source of ["mine.yaml", "nowhere.json", "grpc://127.0.0.1:1"]) {
    const { code, stderr } = await tenfold(["init", source, "-o", "new.yaml"], cwd);
    expect([source, code]).toEqual([source, 104]);
    expect(stderr).toMatch(/nothing that a config can be made of|is not there|its reflection failed/);
  }
});

it("A config of methods that may all change something asks for the service's health", async () => {
  const cwd = emptyFolder();
  writeFileSync(
    join(cwd, "cart.proto"),
    `syntax = "proto3"; package shop; message Item { string id = 1; }
service Cart { rpc Add(Item) returns (Item); rpc Empty(Item) returns (Item); }`,
  );
  const { code, stdout } = await tenfold(["init", "cart.proto", "-o", "new.yaml"], cwd);
  expect([code, stdout]).toEqual([0, expect.stringContaining("3 endpoints, 1 of them called")]);
  const flags = ["-d", "2", "-u", "20", "--set", "scenarios.smoke.think_time=0.1", "--format", "json"];
  const run = await tenfold(["--config", "new.yaml", ...flags], cwd, { CART_HOST: "embedded" });
  expect(`${run.code} ${run.stdout}`).toMatch(/^(0|97) [\s\S]*cart\.Check +\d+ +0 /);
});
