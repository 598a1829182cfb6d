import { describe, expect, it } from "vitest";
import type { LoggedCall } from "../core/logged_call.ts";
import { createMask } from "../core/mask.ts";
import type { RunHeader } from "../core/model.ts";
import { RequestLog } from "./request_log.ts";

const header = {
  runId: "r1",
  startedAt: "2026-01-02T03:04:05.000Z",
  ops: [
    { service: "thumbs", name: "POST /", host: "http://a:1/fn", protocol: "rest", method: "POST", metrics: [] },
    { service: "stt", name: "stt.Recognize", protocol: "grpc", method: "grpc", metrics: [] },
  ],
  scenario: { services: [{ name: "stt", host: "b:2" }], phases: [{ measured: false }, { measured: true }] },
} as unknown as RunHeader;

const call: LoggedCall = {
  ...{ op: 0, phase: 1, user: 3, due: 1000, start: 1000.2, end: 1012.5, outcome: "ok", status: "200", message: "" },
  ...{ requestBytes: 20, responseBytes: 13, path: "/fn/run?k=hush-hush", body: '{"token":"abc","n":1}' },
};

async function logged(...calls: Partial<LoggedCall>[]) {
  const lines: string[] = [];
  const write = (text: Uint8Array) => void lines.push(Buffer.from(text).toString());
  const log = new RequestLog({ header, mask: createMask(["hush-hush"]), write });
  log.add({ calls: calls.map((each) => ({ ...call, ...each })), dropped: 0 });
  const records = lines
    .join("")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  return { records, summary: JSON.parse(log.summary("2026-01-02T03:05:00.000Z")) };
}

describe("The log of requests", () => {
  it("has a line a call with these keys, and no secret", async () => {
    const { records } = await logged({});
    expect(records).toEqual([
      {
        ...{ run_id: "r1", ts_utc: "2026-01-02T03:04:06.000Z", request_index: 0, phase: "measured" },
        ...{ function_id: "thumbs", base_url: "http://a:1/fn", url: "http://a:1/fn/run?k=***" },
        ...{ latency_ms: 12.5, status_code: 200, request_bytes: 20, response_bytes: 13, error: null },
        response_json: { token: "***", n: 1 },
      },
    ]);
  });

  it.each([
    ["a text", "plain hush-hush", { response_snippet: "plain ***" }],
    [
      "JSON that is longer than 5,000 characters",
      `["${"x".repeat(6000)}"]`,
      { response_snippet: `["${"x".repeat(4998)}` },
    ],
    ["nothing", "", {}],
  ])("keeps of %s what it may", async (_, body, kept) => {
    const { response_json, response_snippet } = (await logged({ body })).records[0];
    expect({ response_json, response_snippet }).toEqual(kept);
  });

  it("says why a call failed; one without a status has none", async () => {
    const failed = { outcome: "timeout", status: "TIMEOUT", message: "no answer in 1 s", body: "" } as const;
    const { records, summary } = await logged(failed, { outcome: "server-error", status: "503" });
    expect(records.map(({ error, status_code }) => [error, status_code])).toEqual([
      ["timeout: no answer in 1 s", null],
      ["server-error 503", 503],
    ]);
    expect(summary.by_function_url.thumbs["http://a:1/fn"].http_status_counts).toEqual({ "503": 1, null: 1 });
  });

  it("gives gRPC's status by its name, and the service's address", async () => {
    const [record] = (await logged({ op: 1, status: "INTERNAL", outcome: "server-error", path: "" })).records;
    expect(record).toMatchObject({ function_id: "stt", base_url: "b:2", url: "b:2", status_code: "INTERNAL" });
  });

  it("writes of each call what is its own, however much it resembles the one before", async () => {
    const { records } = await logged(
      { body: "[1]", end: 1012.345 },
      { body: "[1]", start: 1001.9, end: 1013 },
      { body: "[2]", path: "/fn/other", status: "404", end: 1012.04 },
      { op: 1, body: "[2]", path: "" },
    );
    expect(records.map((each) => [each.request_index, each.latency_ms, each.url, each.status_code])).toEqual([
      [0, 12.345, "http://a:1/fn/run?k=***", 200],
      [1, 13, "http://a:1/fn/run?k=***", 200],
      [2, 12.04, "http://a:1/fn/other", 404],
      [3, 12.5, "b:2", 200],
    ]);
    expect(records.map((each) => [each.ts_utc, each.response_json])).toEqual([
      ["2026-01-02T03:04:06.000Z", [1]],
      ["2026-01-02T03:04:06.001Z", [1]],
      ["2026-01-02T03:04:06.000Z", [2]],
      ["2026-01-02T03:04:06.000Z", [2]],
    ]);
  });

  it("masks what becomes known as a secret while it goes on", () => {
    const lines: string[] = [];
    const mask = createMask([]);
    const log = new RequestLog({ header, mask, write: (text) => void lines.push(Buffer.from(text).toString()) });
    for (const _ of [1, 2]) {
      log.add({ calls: [{ ...call, body: "my new-token" }], dropped: 0 });
      mask.add("new-token");
    }
    expect(lines.join("").match(/my [^"]+/g)).toEqual(["my new-token", "my ***"]);
  });

  it("sums up what was measured, by function and address, and counts the warm-up among all", async () => {
    const { summary } = await logged({ phase: 0 }, {}, { end: 1022.5, requestBytes: 40, outcome: "invalid" });
    expect(summary).toEqual({
      ...{ run_id: "r1", generated_at_utc: "2026-01-02T03:05:00.000Z", total_records: 3, measured_records: 2 },
      by_function_url: {
        thumbs: {
          "http://a:1/fn": {
            ...{ count: 2, ok_count: 1, error_count: 1 },
            latency_ms: { p50: 12.5, p95: 22.5, p99: 22.5, min: 12.5, max: 22.5, mean: 17.5 },
            bytes: { request_mean: 30, response_mean: 13 },
            http_status_counts: { "200": 2 },
          },
        },
      },
    });
  });
});

describe("A log whose file takes no more", () => {
  const three = { calls: [call, call, call], dropped: 0 };

  it("counts what is lost from the first line that cannot be written on, and tells why", () => {
    let room = 1;
    const log = new RequestLog({
      header,
      mask: createMask([]),
      write: () => {
        if (room-- <= 0) throw new Error("ENOSPC");
      },
    });
    for (let i = 0; i < 3; i++) log.add(three);
    expect([log.dropped, log.problem?.message]).toEqual([6, "ENOSPC"]);
    expect(JSON.parse(log.summary("")).dropped_records).toBe(6);
  });

  it("counts what comes after its end, and what never came to it", () => {
    let written = 0;
    const log = new RequestLog({ header, mask: createMask([]), write: () => written++ });
    log.add(three);
    log.end();
    log.add({ ...three, dropped: 10 });
    expect([written, log.dropped, log.problem]).toEqual([1, 13, null]);
  });
});
