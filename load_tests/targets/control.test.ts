import { request } from "undici";
import { expect, onTestFinished, test } from "vitest";
import { startControl } from "./control.ts";
import { caller, protoPath, specOf } from "./fixture.ts";
import { startTargets } from "./start.ts";

async function controlled() {
  const targets = await startTargets([specOf("llm"), specOf("rest")]);
  const control = await startControl(targets, 0);
  onTestFinished(async () => void (await Promise.all([targets.close(), control.close()])));
  const ask = async (method: "GET" | "POST" | "DELETE", body?: string, path = "/faults") => {
    const answer = await request(`${control.address}${path}`, { method, ...(body === undefined ? {} : { body }) });
    return { code: answer.statusCode, said: (await answer.body.json()) as Record<string, never> };
  };
  const llm = caller(targets.addresses.llm!, protoPath("llm.proto"), "june.llm.LLMInference");
  return { ask, generate: () => llm.unary("Generate", { prompt: "Why?" }), rest: targets.addresses.rest! };
}

test("a stand-in is told to misbehave while it runs, and to behave again", async () => {
  const { ask, generate } = await controlled();
  expect(await generate()).toHaveProperty("text");
  const { code, said } = await ask("POST", '{"llm": {"faults": {"UNAVAILABLE": "100%"}}}');
  expect([code, said.llm]).toEqual([200, expect.objectContaining({ faults: { UNAVAILABLE: 1 }, latency: 0 })]);
  await expect(generate()).rejects.toMatchObject({ code: 14 });
  expect((await ask("GET")).said.llm).toHaveProperty("faults");
  expect((await ask("DELETE")).said.llm).not.toHaveProperty("faults");
  expect(await generate()).toHaveProperty("text");
});

test("what is not said stays as it is", async () => {
  const { ask, rest } = await controlled();
  await ask("POST", '{"rest": {"error_rate": 1}}');
  await ask("POST", '{"rest": {"latency": "1ms"}}');
  expect((await request(rest)).statusCode).toBe(500);
});

test("a stand-in that goes away is gone, and comes back to its port", async () => {
  const { ask, rest } = await controlled();
  await ask("POST", '{"rest": {"away": {"at": 0, "for": "200ms"}}}');
  await request(rest).catch(() => {});
  const code = async () => {
    const answer = await request(rest).catch((error: { code: string }) => ({ statusCode: error.code }));
    return answer.statusCode;
  };
  const seen: unknown[] = [];
  for (const end = performance.now() + 5000; performance.now() < end && seen.at(-1) !== 200; ) {
    const told = await code();
    if (told !== seen.at(-1) && !(told === 200 && seen.length === 0)) seen.push(told);
  }
  expect(seen).toContain("ECONNREFUSED");
  expect(seen.at(-1)).toBe(200);
});

test.each([
  ['{"llm": {"faults": {"reset_in_header": 1}}}', /expected a status of gRPC such as UNAVAILABLE/],
  ['{"rest": {"faults": {"UNAVAILABLE": 1}}}', /expected a status of 400 to 599/],
  ['{"rest": {"latencyy": 1}}', /latencyy/],
  ['{"rest": {"push_every": 1}}', /push_every/],
  ['{"lmm": {"latency": 1}}', /no stand-in is named "lmm": expected one of llm, rest/],
  ["[]", /expected an object/],
  ["{", /expected an object/],
])("%s is refused in a sentence, and changes nothing", async (body, sentence) => {
  const { ask } = await controlled();
  const before = (await ask("GET")).said;
  const { code, said } = await ask("POST", body);
  expect([code, said.error]).toEqual([400, expect.stringMatching(sentence)]);
  expect((await ask("GET")).said).toEqual(before);
});

test("another path or method is refused", async () => {
  const { ask } = await controlled();
  expect((await ask("GET", undefined, "/")).code).toBe(404);
});
