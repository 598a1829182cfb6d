/** `tenfold targets`: the stand-in services alone, on the ports that June's services have, until Ctrl-C. */
import { standInSchema, type TargetSpec } from "./core/standin.ts";
import { startControl } from "./targets/control.ts";
import { startTargets } from "./targets/start.ts";

/** What this command needs of the outside world. */
export interface TargetsWorld {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
  readonly signals: { on(kind: "SIGINT" | "SIGTERM", listener: () => void): unknown };
}

const KINDS = [
  ["llm", 50051],
  ["stt", 50052],
  ["tts", 50053],
  ["gateway", 8000],
  ["rest", 8080],
  ["websocket", 8081],
  ["openai", 8082],
  ["todos", 8084],
  ["shop", 8085],
] as const;

const CONTROL_PORT = 8083;

/** Serves until a signal comes; a port that is taken is a sentence and 104. */
export async function runTargets({ stdout, stderr, signals }: TargetsWorld): Promise<number> {
  const settings = standInSchema.parse({});
  const specs = KINDS.map(
    ([kind, port]): TargetSpec => ({ name: kind, kind, settings, port, protos: [], includeDirs: [] }),
  );
  const targets = await startTargets(specs).catch((error: Error) => error.message);
  if (typeof targets === "string") {
    stderr.write(`${targets}\n`);
    return 104;
  }
  const control = await startControl(targets, CONTROL_PORT).catch((error: Error) => error.message);
  if (typeof control === "string") {
    stderr.write(`${control}\n`);
    await targets.close();
    return 104;
  }
  const all = { ...targets.addresses, control: control.address };
  for (const [name, address] of Object.entries(all)) stdout.write(`${name.padEnd(10)} ${address}\n`);
  await new Promise<void>((resolve) => {
    signals.on("SIGINT", resolve);
    signals.on("SIGTERM", resolve);
  });
  await Promise.all([targets.close(), control.close()]);
  return 0;
}
