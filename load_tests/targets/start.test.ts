import { once } from "node:events";
import { connect } from "node:net";
import { protoPath as healthProto } from "grpc-health-check";
import { expect, onTestFinished, test } from "vitest";
import type { TargetSpec } from "../core/standin.ts";
import { caller, protoPath, specOf, started } from "./fixture.ts";
import { startTargets } from "./start.ts";

const KINDS = ["stt", "tts", "llm", "gateway", "rest", "websocket", "grpc"] as const;
const all = (): TargetSpec[] => KINDS.map((kind) => ({ ...specOf(kind), protos: [protoPath("asr.proto")] }));
const portOf = (address: string): number => Number(address.split(":").at(-1));

test("all kinds start at once, on ports of their own, under their names", async () => {
  const targets = await startTargets(all());
  onTestFinished(() => targets.close());
  expect(Object.keys(targets.addresses)).toEqual(KINDS);
  expect(new Set(Object.values(targets.addresses).map(portOf)).size).toBe(KINDS.length);
  expect(targets.addresses.stt).toMatch(/^127\.0\.0\.1:\d+$/);
  expect(targets.addresses.gateway).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(targets.addresses.websocket).toMatch(/^ws:\/\/127\.0\.0\.1:\d+$/);
});

test("after close nothing listens", async () => {
  const targets = await startTargets(all());
  await targets.close();
  for (const address of Object.values(targets.addresses)) {
    const [error] = await once(connect(portOf(address), "127.0.0.1"), "error");
    expect(error.code).toBe("ECONNREFUSED");
  }
});

test("ports that are taken are said in a sentence each, and nothing is left running", async () => {
  const taken = portOf(await started(specOf("rest")));
  const free = await freePort();
  const specs = [
    { ...specOf("stt"), port: taken },
    { ...specOf("tts"), port: taken },
    { ...specOf("rest"), port: free },
  ];
  await expect(startTargets(specs)).rejects.toThrow(
    new RegExp(`stand-in stt: .*127.0.0.1:${taken}.*\\n.*stand-in tts: .*choose another port`),
  );
  const [error] = await once(connect(free, "127.0.0.1"), "error");
  expect(error.code).toBe("ECONNREFUSED");
});

async function freePort() {
  const targets = await startTargets([specOf("rest")]);
  await targets.close();
  return portOf(targets.addresses.rest!);
}

test.each([
  ["stt", "june.asr.SpeechToText"],
  ["tts", "june.tts.TextToSpeech"],
  ["llm", "june.llm.LLMInference"],
] as const)("the gRPC health protocol says that %s serves, whatever its faults", async (kind, service) => {
  const health = caller(await started(specOf(kind, { error_rate: 1 })), healthProto, "grpc.health.v1.Health");
  for (const name of ["", service])
    expect(await health.unary("Check", { service: name })).toEqual({ status: "SERVING" });
  await expect(health.unary("Check", { service: "other" })).rejects.toMatchObject({ code: 5 });
});
