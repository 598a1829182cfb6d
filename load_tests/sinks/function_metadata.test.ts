import { expect, it } from "vitest";
import type { LoggedCall } from "../core/logged_call.ts";
import { FunctionMetadata } from "./function_metadata.ts";

const call: LoggedCall = {
  ...{ op: 0, phase: 0, user: 0, due: 0, start: 0, end: 0, outcome: "ok", status: "200", message: "" },
  ...{ requestBytes: 2000, responseBytes: 500, path: "/", body: "" },
};

const metadataOf = (...calls: Partial<LoggedCall>[]) => {
  const metadata = new FunctionMetadata();
  for (const each of calls) metadata.add("f", { ...call, ...each });
  return JSON.parse(metadata.text());
};

it.each<[string, Partial<LoggedCall>[], object | undefined]>([
  [
    "are means of what was sent and came",
    [{ end: 100 }, { end: 300, requestBytes: 4000 }],
    { runtime_ms: 200, data_input_gb: 3e-6, data_output_gb: 5e-7, invocations_per_day: 2 },
  ],
  [
    "count time from when a call was due",
    [{ due: 50, start: 80, end: 100 }],
    { runtime_ms: 50, data_input_gb: 2e-6, data_output_gb: 5e-7, invocations_per_day: 1 },
  ],
  [
    "take bytes as the answer says them, also where it is not whole",
    [{ body: '{"ok": true, "input_bytes": 7000000000, "output_bytes" : 35, "data": "AAAA' }],
    { runtime_ms: 0, data_input_gb: 7, data_output_gb: 3.5e-8, invocations_per_day: 1 },
  ],
  [
    "leave out calls that failed",
    [{ end: 10 }, { end: 9000, outcome: "client-error", status: "413" }],
    { runtime_ms: 10, data_input_gb: 2e-6, data_output_gb: 5e-7, invocations_per_day: 1 },
  ],
  ["have no function of which no call went well", [{ outcome: "timeout" }], undefined],
])("A function's metadata %s", (_what, calls, expected) => {
  expect(metadataOf(...calls).f).toEqual(expected);
});
