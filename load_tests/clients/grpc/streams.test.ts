import { afterEach, expect, test } from "vitest";
import { DRIVERS } from "../../core/model.ts";
import { drive, testUser } from "../contract.ts";
import { openings, signal } from "./fixture.ts";

const { clientOf, closeAll } = openings();
afterEach(closeAll);

const user = testUser(3);
const lines = (...texts: string[]) => texts.map((text) => ({ user: text }));

test("a list of messages goes up in its order, and one answer comes back", async () => {
  const client = await clientOf(
    {
      Tell(call, done) {
        const got: string[] = [];
        call.on("data", (words) => got.push(words.user)).on("end", () => done(null, { lines: got }));
      },
    },
    {
      calls: [
        { method: "demo.echo.Echo.Tell", messages: lines("a", "{{user.id}}", "c") },
        { method: "demo.echo.Echo/Tell", name: "five", message: { user: "x" }, count: 5 },
      ],
    },
  );
  const [list, count] = client.ops;
  expect([list!.firstItem, list!.gap]).toEqual([null, null]);
  expect(await drive(list!, user)).toMatchObject({ outcome: "ok", items: 0, json: { lines: ["a", "user-3", "c"] } });
  expect(await drive(count!, user)).toMatchObject({ outcome: "ok", json: { lines: ["x", "x", "x", "x", "x"] } });
});

test("each message that comes down is an item; the JSON is the last one's fields and the list of all", async () => {
  const client = await clientOf(
    {
      Hear(call) {
        for (let number = 1; number <= 4; number++) call.write({ user: "w", number });
        call.end();
      },
    },
    { calls: [{ method: "demo.echo.Echo/Hear", checks: ["$.number == 4", "$.messages[0].number == 1"] }] },
  );
  const [op] = client.ops;
  expect([op!.firstItem, op!.gap]).toEqual([
    { name: "first_item", unit: "ms" },
    { name: "inter_item", unit: "ms" },
  ]);
  const seen = await drive(op!, user);
  expect(seen).toMatchObject({ outcome: "ok", items: 4 });
  expect((seen.json as { messages: object[] }).messages).toHaveLength(4);
});

test("a conversation goes both ways at once", async () => {
  const client = await clientOf(
    { Talk: (call) => void call.on("data", (words) => call.write(words)).on("end", () => call.end()) },
    { calls: [{ method: "demo.echo.Echo/Talk", messages: lines("a", "b", "c") }] },
  );
  const seen = await drive(client.ops[0]!, user);
  expect(seen.json).toMatchObject({ messages: [{ user: "a" }, { user: "b" }, { user: "c" }] });
  expect(seen.items).toBe(3);
});

test("with an interval each message goes at its time from the start, not from the one before", async () => {
  const delays: number[] = [];
  const client = await clientOf(
    { Tell: (call, done) => void call.on("data", () => {}).on("end", () => done(null, {})) },
    { calls: [{ method: "demo.echo.Echo/Tell", messages: lines("a", "b", "c"), interval: "20ms" }] },
  );
  const done = signal();
  client.ops[0]!.start(
    user,
    { user, run: { id: "r" }, iteration: 0, env: {}, random: user.random, now: 0 },
    {
      timeout: 5000,
      begun: 0,
      now: () => 0,
      onAbort: null,
      sent: () => {},
      received: () => {},
      item: () => {},
      span: 0,
      mark: () => {},
      value: () => {},
      end: done.fire,
      at: (delay, fn) => {
        delays.push(delay);
        setImmediate(fn);
      },
    },
  );
  await done.promise;
  expect(delays).toEqual([20, 40]);
});

test("a thousand messages faster than the wire takes them all arrive", async () => {
  const client = await clientOf(
    {
      Tell(call, done) {
        let number = 0;
        call.on("data", () => number++).on("end", () => done(null, { number }));
      },
    },
    { calls: [{ method: "demo.echo.Echo/Tell", message: { user: "x".repeat(1000) }, count: 1000 }] },
  );
  expect(await drive(client.ops[0]!, user)).toMatchObject({ outcome: "ok", json: { number: 1000 } });
});

test("a stream that is cut half-way stops sending, and the service sees it go", async () => {
  const gone = signal();
  const first = signal();
  let number = 0;
  const client = await clientOf(
    {
      Talk(call) {
        call.on("cancelled", gone.fire).on("data", () => {
          number++;
          first.fire();
        });
      },
    },
    { calls: [{ method: "demo.echo.Echo/Talk", message: {}, count: 100, interval: "1s" }] },
  );
  const end = new AbortController();
  const seen = drive(client.ops[0]!, user, { signal: end.signal });
  await first.promise;
  end.abort();
  expect((await seen).outcome).toBe("aborted");
  await gone.promise;
  expect(number).toBe(1);
});

test("a stream that fails after its first messages keeps their count", async () => {
  const client = await clientOf(
    {
      Hear(call) {
        call.write({ user: "a" });
        call.emit("error", { code: 13, details: "half" });
      },
    },
    { calls: [{ method: "demo.echo.Echo/Hear" }] },
  );
  expect(await drive(client.ops[0]!, user)).toMatchObject({ outcome: "server-error", status: "INTERNAL", items: 1 });
});

test.each(DRIVERS)("%s: a stream may send nothing", async (driver) => {
  const client = await clientOf(
    {
      Tell: (call, done) => void call.on("data", () => {}).on("end", () => done(null, { user: "nobody" })),
      Talk: (call) => void call.on("data", () => {}).on("end", () => call.end()),
    },
    {
      driver,
      calls: [
        { method: "demo.echo.Echo/Tell", messages: [] },
        { method: "demo.echo.Echo/Talk", messages: [], interval: "1s" },
      ],
    },
  );
  const [tell, talk] = client.ops;
  expect(await drive(tell!, user)).toMatchObject({ outcome: "ok", sent: 0, json: { user: "nobody" } });
  expect(await drive(talk!, user)).toMatchObject({ outcome: "ok", sent: 0, items: 0 });
});
