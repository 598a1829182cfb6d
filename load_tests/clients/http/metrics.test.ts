import { afterEach, expect, test } from "vitest";
import { drive, openClient, testUser } from "../contract_driver.ts";
import { httpServer } from "./fixture.ts";
import { rest } from "./index.ts";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function open(service: object = {}) {
  const server = await httpServer((request, response) => {
    const hops = Number(/^\/(\d)$/.exec(request.url!)?.[1] ?? 0);
    if (hops > 0) response.writeHead(302, { location: `/${hops - 1}` });
    response.end("ok");
  });
  const endpoints = [{ path: "/0" }, { path: "/2" }];
  const client = await openClient(rest, { host: server.address, endpoints, ...service });
  closing.push(server.close, () => client.close());
  return client;
}

const valuesOf = (told: readonly (readonly [string, number])[], metric: string): number[] =>
  told.filter(([name]) => name === metric).map(([, value]) => value);

test("a call tells when it connected, when the head came and when the answer was whole, in this order", async () => {
  const { ops } = await open();
  const { told } = await drive(ops[0]!, testUser(0));
  expect(told.map(([name]) => name)).toEqual(["connect", "reused", "ttfb", "receive"]);
  const [connect, , ttfb, receive] = told.map(([, value]) => value);
  expect(connect).toBeLessThanOrEqual(ttfb!);
  expect(ttfb).toBeLessThanOrEqual(receive!);
});

test("a connection that was there is told as used again, and takes no time to connect", async () => {
  const { ops } = await open();
  const user = testUser(0);
  const calls = [await drive(ops[0]!, user), await drive(ops[0]!, user), await drive(ops[0]!, user)];
  expect(calls.flatMap(({ told }) => valuesOf(told, "reused"))).toEqual([0, 1, 1]);
  expect(calls.flatMap(({ told }) => valuesOf(told, "connect"))).toHaveLength(1);
});

test("with a connection for each call none is used again", async () => {
  const { ops } = await open({ connections: "per_request" });
  const user = testUser(0);
  for (let i = 0; i < 2; i++) expect(valuesOf((await drive(ops[0]!, user)).told, "reused")).toEqual([0]);
});

test("redirects are counted, a call at a time; calls without say nothing of them", async () => {
  const { ops } = await open();
  expect(valuesOf((await drive(ops[1]!, testUser(0))).told, "redirects")).toEqual([2]);
  expect(valuesOf((await drive(ops[0]!, testUser(0))).told, "redirects")).toEqual([]);
});

test("a call that has no answer tells nothing of one", async () => {
  const { ops } = await open({ host: "127.0.0.1:1" });
  expect((await drive(ops[0]!, testUser(0))).told).toEqual([]);
});
