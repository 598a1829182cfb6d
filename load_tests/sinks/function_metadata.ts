/** `function_metadata.json`: what a planner of functions needs to know of each, from its measured calls that went well. */
import type { LoggedCall } from "../core/logged_call.ts";
import { latencyOf } from "./place.ts";

export const METADATA_FILE = "function_metadata.json";

const BYTES_A_GB = 1e9;
const DIGITS = 6;

/** Means over the calls that went well; a function that had none is not told. */
interface Work {
  calls: number;
  runtime: number;
  input: number;
  output: number;
}

export class FunctionMetadata {
  private readonly byFunction = new Map<string, Work>();

  add(functionId: string, call: LoggedCall): void {
    if (call.outcome !== "ok") return;
    const work = this.byFunction.get(functionId) ?? { calls: 0, runtime: 0, input: 0, output: 0 };
    this.byFunction.set(functionId, work);
    work.calls++;
    work.runtime += latencyOf(call);
    work.input += saidIn(call.body, INPUT) ?? call.requestBytes;
    work.output += saidIn(call.body, OUTPUT) ?? call.responseBytes;
  }

  text(): string {
    const told = [...this.byFunction].map(([id, { calls, runtime, input, output }]) => [
      id,
      {
        runtime_ms: short(runtime / calls),
        data_input_gb: short(input / calls / BYTES_A_GB),
        data_output_gb: short(output / calls / BYTES_A_GB),
        invocations_per_day: calls,
      },
    ]);
    return `${JSON.stringify(Object.fromEntries(told), null, 2)}\n`;
  }
}

const short = (value: number): number => Number(value.toPrecision(DIGITS));

/** In the beginning of an answer, which may not be whole. */
const INPUT = /"input_bytes"\s*:\s*(\d+)/;
const OUTPUT = /"output_bytes"\s*:\s*(\d+)/;

function saidIn(body: string, pattern: RegExp): number | null {
  const [, digits] = pattern.exec(body) ?? [];
  return digits === undefined ? null : Number(digits);
}
