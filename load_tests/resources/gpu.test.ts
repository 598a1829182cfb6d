import { chmodSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { type Gpus, gpuReadings, gpus, parseGpu } from "./gpu.ts";

const GOOD = "0, 37, 4096, 81920, 210.5, 55, NVIDIA H100";
const path = process.env.PATH ?? "";
let opened: Gpus | null = null;

/** Opens the source beside an `nvidia-smi` that is this script. */
function withScript(script: string | null) {
  const folder = mkdtempSync(join(tmpdir(), "tenfold-gpu-"));
  if (script !== null) {
    writeFileSync(join(folder, "nvidia-smi"), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, "nvidia-smi"), 0o755);
  }
  process.env.PATH = script === null ? folder : `${folder}${delimiter}${path}`;
  const told: string[] = [];
  opened = gpus((text) => told.push(text));
  return { source: opened, told };
}

afterEach(() => {
  opened?.close?.();
  process.env.PATH = path;
});

describe("a line of nvidia-smi", () => {
  it("is a GPU, with what it tells", () => {
    expect(parseGpu(GOOD)).toMatchObject({ index: 0, utilization: 37, used: 4096, power: 210.5, name: "NVIDIA H100" });
  });

  it("leaves out what is not available", () => {
    const gpu = parseGpu("1, [N/A], [Not Supported], [N/A], [Unknown Error], 40, GB10")!;
    expect(gpuReadings([gpu]).map(({ name }) => name)).toEqual(["gpu.temperature"]);
  });

  it.each(["", "No devices were found", "Failed to initialize NVML", "-1, 2", "a,b,c,d,e,f,g"])(
    "is none: %s",
    (line) => {
      expect(parseGpu(line)).toBeNull();
    },
  );

  it("of several GPUs gives all together, and each", () => {
    const readings = gpuReadings([parseGpu(GOOD)!, parseGpu("1, 63, 73728, 81920, 300, 70, NVIDIA H100")!]);
    const value = (name: string) => readings.find((each) => each.name === name)?.value;
    expect(value("gpu.utilization")).toBe(50);
    expect(value("gpu.memory")).toBe(90);
    expect(value("gpu.power")).toBe(510.5);
    expect(value("gpu.1.memory")).toBe(90);
    expect(value("gpu.0.memory")).toBe(5);
  });
});

describe("nvidia-smi", () => {
  it("that answers is read", async () => {
    const { source, told } = withScript(`echo "${GOOD}"; exec sleep 60`);
    await source.firstWord;
    expect(source.read(1).map(({ name }) => name)).toContain("gpu.memory");
    expect(told).toEqual([]);
  });

  it("that falls silent gives nothing more, and says so once", async () => {
    const { source, told } = withScript(`echo "${GOOD}"; exec sleep 60`);
    await source.firstWord;
    const counts = [1, 2, 3, 4].map(() => source.read(1).length);
    expect(counts.at(-1)).toBe(0);
    expect(told).toEqual([expect.stringMatching(/^gpu: nvidia-smi has not answered for a second/)]);
  });

  it("that hangs from the start gives nothing, and is ended with the source", () => {
    const { source, told } = withScript("exec sleep 60");
    expect(source.read(1)).toEqual([]);
    expect(told).toHaveLength(1);
  });

  it.each([
    ["is not there", null, /there is no nvidia-smi here/],
    ["dies", "exit 9", /nvidia-smi ended with 9/],
    ["talks nonsense", "echo 'NVIDIA-SMI has failed'; exec sleep 60", /said "NVIDIA-SMI has failed"/],
  ])("that %s is a notice", async (_, script, why) => {
    const { source, told } = withScript(script);
    await source.firstWord;
    expect(source.read(1)).toEqual([]);
    expect(told).toEqual([expect.stringMatching(why)]);
  });

  it("that does not tell everything says what it leaves out", async () => {
    const { source, told } = withScript(`echo "0, 10, [N/A], [N/A], 5, 40, GB10"; exec sleep 60`);
    await source.firstWord;
    const names = source.read(1).map(({ name }) => name);
    expect(names).toContain("gpu.utilization");
    expect(names).not.toContain("gpu.memory");
    expect(told).toEqual(["gpu: nvidia-smi does not tell memory, memory_used of GB10"]);
  });
});
