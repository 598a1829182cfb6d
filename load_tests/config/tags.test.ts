import { describe, expect, it } from "vitest";
import type { DataFiles } from "../core/feed.ts";
import { criteria, protocols } from "../registry.ts";
import { ConfigError, type Flags, loadPlan } from "./load.ts";

const TEXT = `
services:
  rest:
    api:
      host: "http://127.0.0.1:1"
      endpoints:
        - { path: /items, tags: [read, cheap] }
        - { path: /items, method: POST, tags: [write] }
        - { path: /plain }
  websocket: { chat: { host: "ws://127.0.0.1:2", messages: [ { send: hello } ] } }
workloads:
  shop:
    service: api
    on_start: [ { get: /login } ]
    tasks:
      - { name: look, tags: [read], steps: [ { get: /a }, { get: /b, tags: [slow] } ] }
      - { name: buy, tags: [write], steps: [ { post: /c } ] }
scenarios:
  plain: { users: 5, duration: 10s, criteria: [ { expect: "p95 < 1s", endpoint: GET /plain }, "errors == 0" ] }
  tasks: { users: 5, duration: 10s, workload: shop, criteria: [ { expect: "errors == 0", tag: write } ] }
  phased: { phases: [ { users: 5, duration: 10s, task_weights: { shop.look: 5, shop.buy: 2 } } ], workload: shop }
  nightly: { users: 5, duration: 10s, tags: [nightly] }
default_scenario: plain
`;

const load = (flags: Flags, text = TEXT) =>
  loadPlan({ file: "load.yaml", text, env: {}, protocols, criteria, flags, readable: () => true });
const scenarioOf = async (flags: Flags) => (await load(flags)).scenarios[0]!;
const refusal = async (flags: Flags, text = TEXT): Promise<string> => {
  const error = await load(flags, text).catch((why: unknown) => why);
  return error instanceof ConfigError ? error.problems.map(({ message }) => message).join("; ") : "accepted";
};

describe("tags", () => {
  it("stand on requests, on tasks, and on the requests of tasks beside those of their own", async () => {
    const { services, workloads } = await scenarioOf({ scenario: ["tasks"] });
    expect(services[0]!.endpoints.map(({ name, tags }) => [name, tags])).toEqual([
      ["GET /login", undefined],
      ["GET /a", ["read"]],
      ["GET /b", ["slow", "read"]],
      ["POST /c", ["write"]],
    ]);
    expect(workloads![0]!.tasks.map(({ tags }) => tags)).toEqual([["read"], ["write"]]);
  });

  it("take the data of a workload along to where its tasks are then", async () => {
    const text = TEXT.replace("    on_start:", "    data: { rows: { file: /rows.csv } }\n    on_start:").replace(
      "post: /c",
      'post: "/{{rows.id}}"',
    );
    const feed = { name: "rows", file: "", format: "csv", delimiter: ",", rows: 9, order: "random" } as const;
    const data: DataFiles = {
      feed: async () => ({ feed: { ...feed, unique: false, atEnd: "recycle" }, columns: ["id"] }),
      rows: () => Promise.reject(new Error("nobody reads rows of a plan")),
    };
    const usesOf = async (flags: Flags) => {
      const plan = await loadPlan({
        ...{ file: "load.yaml", text, env: {}, protocols, criteria, flags, data },
        readable: () => true,
      });
      return plan.scenarios[0]!.workloads![0]!.feeds!.map(({ tasks }) => tasks);
    };
    expect(await usesOf({ scenario: ["tasks"] })).toEqual([[1]]);
    expect(await usesOf({ scenario: ["tasks"], tags: ["write"] })).toEqual([[0]]);
  });

  it.each([
    [["read"], ["GET /items"]],
    [
      ["write", "cheap"],
      ["GET /items", "POST /items"],
    ],
  ])("%s keep of the requests those that have one", async (tags, names) => {
    const { services } = await scenarioOf({ tags, scenario: ["plain"] });
    expect(services.flatMap(({ endpoints }) => endpoints.map(({ name }) => name))).toEqual(names);
  });

  it("keep of a workload the tasks that have one, whole, and what users do before and after", async () => {
    const { services, workloads } = await scenarioOf({ tags: ["read"], scenario: ["tasks"] });
    expect(workloads![0]!.tasks.map(({ name, steps }) => [name, steps.length])).toEqual([["look", 2]]);
    expect(workloads![0]!.onStart).toHaveLength(1);
    expect(services[0]!.endpoints.map(({ name }) => name)).toEqual(["GET /login", "GET /a", "GET /b"]);
  });

  it("keep a task whole of which one request has the tag, and its calls go where they went", async () => {
    const { services, workloads } = await scenarioOf({ tags: ["slow"], scenario: ["tasks"] });
    expect(workloads![0]!.tasks.map(({ name }) => name)).toEqual(["look"]);
    const called = (await scenarioOf({ tags: ["write"], scenario: ["tasks"] })).workloads![0]!;
    expect(called.tasks[0]!.steps).toEqual([{ do: "call", service: 0, endpoint: 1 }]);
    expect(services[0]!.endpoints).toHaveLength(3);
  });

  it("leave out services that only other tasks call", async () => {
    const text = TEXT.replace("{ post: /c }", "{ send: hello, service: chat }");
    const namesOf = async (tags: string[]) =>
      (await load({ tags, scenario: ["phased"] }, text)).scenarios[0]!.services.map(({ name }) => name);
    expect(await namesOf(["read"])).toEqual(["api"]);
    expect(await namesOf(["write"])).toEqual(["api", "chat"]);
  });

  it("leave the weights of phases to the tasks that are left", async () => {
    const { phases } = await scenarioOf({ tags: ["read"], scenario: ["phased"] });
    expect(phases[0]!.taskWeights).toEqual({ "shop.look": 5 });
  });

  it("of a scenario keep it whole, and choose it where none is named", async () => {
    const { name, services } = await scenarioOf({ tags: ["nightly"] });
    expect([name, services.flatMap(({ endpoints }) => endpoints).length]).toEqual(["nightly", 4]);
    expect((await scenarioOf({ tags: ["read"] })).name).toBe("plain");
  });

  it("leave criteria out that speak of tags of tasks that are left out, and say so", async () => {
    const { criteria: kept, notices } = await scenarioOf({ tags: ["read"], scenario: ["tasks"] });
    expect(kept).toEqual([]);
    expect(notices.map(({ text }) => text).join()).toContain("errors == 0 is not judged: nothing has the tag `write`");
  });

  it("leave criteria out that speak of what is left out, and say so", async () => {
    const { criteria: kept, notices } = await scenarioOf({ tags: ["read"], scenario: ["plain"] });
    expect(kept.map(({ sentence }) => sentence)).toEqual(["errors == 0"]);
    expect(notices.map(({ text }) => text).join()).toContain("p95 < 1s is not judged");
  });

  it.each([
    [{ tags: ["raed"], scenario: ["plain"] }, "nothing has the tag `raed`"],
    [{ tags: ["nightly"], scenario: ["tasks"] }, "nothing of the workload `shop` has the tag `nightly`"],
  ])("that nothing has are refused: %j", async (flags, why) => {
    expect(await refusal(flags)).toContain(why);
  });

  it("of criteria must be there", async () => {
    const text = TEXT.replace("tag: write", "tag: wirte");
    expect(await refusal({ scenario: ["tasks"] }, text)).toContain("nothing has the tag `wirte`: expected");
  });
});
