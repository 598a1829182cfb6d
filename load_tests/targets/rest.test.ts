import { request } from "undici";
import { expect, test } from "vitest";
import { type Settings, specOf, started } from "./fixture.ts";

const address = (settings?: Settings) => started(specOf("rest", settings));

test.each(["GET", "POST", "PUT", "PATCH", "DELETE"] as const)(
  "%s of any path answers what was asked",
  async (method) => {
    const body = method === "GET" ? null : "12345";
    const answer = await request(`${await address()}/items/7?q=x`, { method, body });
    expect(answer.statusCode).toBe(200);
    expect(await answer.body.json()).toEqual({ ok: true, method, path: "/items/7", received: body?.length ?? 0 });
  },
);

test("HEAD answers without a body", async () => {
  const answer = await request(await address(), { method: "HEAD" });
  expect([answer.statusCode, await answer.body.text()]).toEqual([200, ""]);
});

test("GET /health says healthy", async () => {
  const answer = await request(`${await address()}/health`);
  expect(await answer.body.json()).toEqual({ status: "healthy" });
});

test.each([
  ["an error", { error_rate: 1 }, 500, { ok: false }],
  ["a limit", { limit_rate: 1 }, 429, { ok: false }],
  ["a soft error", { soft_error_rate: 1 }, 200, { ok: false, type: "error" }],
])("%s shows in the status and the body", async (_, settings, status, body) => {
  const answer = await request(`${await address({ latency: 0, ...settings })}/x`);
  expect(answer.statusCode).toBe(status);
  expect(await answer.body.json()).toMatchObject(body);
  if (status === 429) expect(answer.headers["retry-after"]).toBe("1");
});

test("a body above 64 MB is refused", async () => {
  const answer = await request(await address(), { method: "POST", body: Buffer.alloc(64 * 1024 * 1024 + 1) });
  expect(answer.statusCode).toBe(413);
});
