import { writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { emptyFolder, jsonReport, runFolder, tenfold, writeConfig } from "./tenfold.ts";

const ROWS = 60;
let server: Server;
let host: string;
let seen: URL[];
let cwd: string;

beforeEach(async () => {
  seen = [];
  server = createServer((request, response) => {
    seen.push(new URL(request.url!, host));
    response.end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  host = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  cwd = emptyFolder();
  writeFileSync(
    join(cwd, "products.csv"),
    `id,name\n${Array.from({ length: ROWS }, (_, i) => `${i},"no ""${i}"""\n`).join("")}`,
  );
  writeFileSync(
    join(cwd, "logins.jsonl"),
    Array.from({ length: 10 }, (_, i) => `{"user":{"name":"u${i}"}}\n`).join(""),
  );
});
afterEach(() => new Promise((resolve) => server.close(resolve)));

const config = (scenario: string, products = "file: products.csv, at_end: stop") => `
services: { rest: { api: { host: "${host}" } } }
workloads:
  shop:
    data: { products: { ${products} }, logins: { file: logins.jsonl, order: shuffle, unique: true } }
    on_start: [ { get: "/login?user={{logins.user.name}}", name: login } ]
    tasks: [ { name: look, steps: [ { get: "/p?id={{products.id}}&name={{products.name}}&user={{logins.user.name}}", name: look } ] } ]
scenarios: { s: { workload: shop, ${scenario}, criteria: [ "errors == 0" ] } }
`;
const looks = () =>
  seen.filter(({ pathname }) => pathname === "/p").map(({ searchParams }) => Object.fromEntries(searchParams));

it("Users read their own rows, one after the other, over all workers, until the first has none", async () => {
  writeConfig(cwd, config("users: 3, think_time: 5ms, duration: 30s"));
  const { code } = await tenfold(["--config", "tenfold.yaml", "--format", "json", "--workers", "2"], cwd);
  expect([0, 97]).toContain(code);
  const byUser = new Map<string, Record<string, string>[]>();
  for (const look of looks()) byUser.set(look.user!, [...(byUser.get(look.user!) ?? []), look]);
  expect(byUser.size).toBe(3);
  const firsts = new Set<number>();
  for (const rows of byUser.values()) {
    const first = Number(rows[0]!.id);
    firsts.add(first);
    expect(rows.map(({ id }) => Number(id))).toEqual(rows.map((_, draw) => first + 3 * draw));
    expect(rows.every(({ id, name }) => name === `no "${id}"`)).toBe(true);
  }
  expect([...firsts].sort()).toEqual([0, 1, 2]);
  expect(Math.max(...[...byUser.values()].map((rows) => rows.length))).toBe(ROWS / 3);
  expect(seen.filter(({ pathname }) => pathname === "/login")).toHaveLength(3);
  const report = jsonReport(runFolder(cwd, "s"));
  expect([report.ended, report.duration_s < 30]).toEqual(["completed", true]);
  expect(report.notices.map(({ text }) => text).join()).toContain("the run ended as the data of `products` did");
});

it("Arrivals read the row of their number, and the first again after the last", async () => {
  writeConfig(cwd, config("rate: 100, duration: 1s", "file: products.csv").replace("unique: true", "unique: false"));
  await tenfold(["--config", "tenfold.yaml", "--format", "json", "--workers", "2"], cwd);
  const ids = looks().map(({ id }) => Number(id));
  const expected = Array.from({ length: 100 }, (_, arrival) => arrival % ROWS);
  expect(ids.sort((a, b) => a - b)).toEqual(expected.sort((a, b) => a - b));
});

it("Data that are broken, names that no column has, and too few rows for all users are told before anything is sent", async () => {
  writeFileSync(join(cwd, "broken.csv"), "id,name\n1,a\n2\n");
  writeConfig(cwd, config("users: 30, duration: 1s", "file: broken.csv"));
  const broken = await tenfold(["--config", "tenfold.yaml"], cwd);
  expect(broken.code).toBe(104);
  expect(broken.stderr).toContain("broken.csv:3: expected 2 fields");
  writeConfig(cwd, config("users: 30, duration: 1s").replace("products.name", "products.nam"));
  const wrong = await tenfold(["--config", "tenfold.yaml"], cwd);
  expect(wrong.code).toBe(104);
  expect(wrong.stderr).toContain("the nearest is products.name");
  expect(wrong.stderr).toContain("expected a row for each of 30 users, found 10");
  expect(seen).toEqual([]);
});
