/** The stand-ins of services with `host: embedded`: one child process on free ports, which dies with us. */
import type { ChildProcess } from "node:child_process";
import type { Service } from "../core/model.ts";
import type { TargetSpec } from "../core/standin.ts";
import { launchProcess } from "./launch.ts";

export interface Embedded {
  /** The services, those embedded with the address of their stand-in. */
  readonly services: readonly Service[];
  /** Names of the services that are embedded. */
  readonly names: readonly string[];
  /** Their process; null where there is none. */
  readonly pid: number | null;
  close(): void;
}

const ROLE_KINDS: Record<string, TargetSpec["kind"]> = {
  stt: "stt",
  tts: "tts",
  llm: "llm",
  inference_api: "llm",
  tensorrt_llm: "llm",
};

function kindOf({ protocol, role, name, standIn }: Service): TargetSpec["kind"] {
  if (protocol === "grpc") return ROLE_KINDS[role ?? ""] ?? "grpc";
  if (protocol === "openai") return "openai";
  if (name === "gateway") return "gateway";
  if (protocol === "websocket") return "websocket";
  return (standIn as TargetSpec["settings"]).plays ?? "rest";
}

/** Where a gRPC service keeps its proto files; other protocols have none. */
interface ProtoSettings {
  readonly protos?: readonly string[];
  readonly includeDirs?: readonly string[];
}

function specOf(service: Service): TargetSpec {
  const { protos = [], includeDirs = [] } = (service.settings ?? {}) as ProtoSettings;
  const settings = service.standIn as TargetSpec["settings"];
  return { name: service.name, kind: kindOf(service), settings, port: 0, protos, includeDirs };
}

/** Starts the stand-ins that are asked for. Throws an Error with the reason if one cannot be. */
export async function startEmbedded(services: readonly Service[]): Promise<Embedded> {
  const specs = new Map(services.filter((each) => each.embedded).map((each) => [each.name, specOf(each)]));
  if (specs.size === 0) return { services, names: [], pid: null, close: () => {} };
  const child = launchProcess("stand_ins");
  const addresses = await started(child, [...specs.values()]);
  return {
    services: services.map((each) => (each.embedded ? { ...each, host: addresses[each.name]! } : each)),
    names: [...specs.keys()],
    pid: child.pid ?? null,
    close: () => child.kill("SIGKILL"),
  };
}

function started(child: ChildProcess, specs: readonly TargetSpec[]): Promise<Record<string, string>> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`the stand-ins' process ended with ${code} before it was ready`)));
    child.once("message", (answer: { addresses?: Record<string, string>; failed?: string }) => {
      if (answer.addresses !== undefined) resolve(answer.addresses);
      else reject(new Error(answer.failed ?? "the stand-ins did not start"));
    });
    child.send({ specs });
  });
}
