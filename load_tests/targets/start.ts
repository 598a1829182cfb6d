/** Starts stand-in services in this process. */
import { randomStream } from "../core/random.ts";
import type { StandIn, TargetSpec } from "../core/standin.ts";
import { anyGrpc } from "./any_grpc.ts";
import { type Behaviour, createBehaviour } from "./behaviour.ts";
import { digest } from "./digest.ts";
import { echo } from "./echo.ts";
import { cloudFunction } from "./function.ts";
import { gateway } from "./gateway.ts";
import { languageModel } from "./language_model.ts";
import { listen, type Service } from "./listener.ts";
import { openAi } from "./openai.ts";
import { rest } from "./rest.ts";
import { shop } from "./shop.ts";
import { speechToText } from "./speech_to_text.ts";
import { textToSpeech } from "./text_to_speech.ts";
import { todos } from "./todos.ts";

export interface Targets {
  /** By name: `127.0.0.1:41234`, with `http://` or `ws://` in front where the service speaks that. */
  readonly addresses: Readonly<Record<string, string>>;
  /** How each behaves, by name. */
  settings(): Readonly<Record<string, StandIn>>;
  /** Sets some of a stand-in's settings from now on; null sets all as they were at the start. */
  change(name: string, settings: Partial<StandIn> | null): void;
  /** Stops listening and resets what is open. */
  close(): Promise<void>;
}

interface Target {
  readonly name: string;
  readonly address: string;
  settings(): StandIn;
  change(settings: Partial<StandIn> | null): void;
  close(): Promise<void>;
}

const SCHEMES: Record<TargetSpec["kind"], string> = {
  stt: "",
  tts: "",
  llm: "",
  grpc: "",
  gateway: "http://",
  rest: "http://",
  function: "http://",
  todos: "http://",
  shop: "http://",
  websocket: "ws://",
  openai: "http://",
};

function play(spec: TargetSpec, behaviour: Behaviour): Service {
  switch (spec.kind) {
    case "stt":
      return speechToText(behaviour);
    case "tts":
      return textToSpeech(behaviour);
    case "llm":
      return languageModel(behaviour);
    case "gateway":
      return gateway(behaviour, spec.settings.rate_limits);
    case "rest":
      return rest(behaviour);
    case "function":
      return cloudFunction(behaviour, spec.settings);
    case "todos":
      return todos(behaviour);
    case "shop":
      return shop(behaviour);
    case "websocket":
      return echo(behaviour, spec.settings);
    case "openai":
      return openAi(behaviour, spec.settings);
    case "grpc":
      return anyGrpc(behaviour, spec.protos, spec.includeDirs);
  }
}

async function startTarget(spec: TargetSpec): Promise<Target> {
  const random = randomStream(digest(spec.name));
  let settings = spec.settings;
  let gone = false;
  const door = { shut: () => void listener.slam(), open: () => void (gone || listener.reopen()) };
  const behaviour = createBehaviour(settings, random, door);
  const service = play(spec, behaviour);
  const listener = await listen(spec.name, spec.port, service.accept);
  const close = async () => {
    gone = true;
    await listener.slam();
    service.close?.();
  };
  const change = (changes: Partial<StandIn> | null) => {
    settings = changes === null ? spec.settings : { ...settings, ...changes };
    behaviour.become(settings);
  };
  const address = `${SCHEMES[spec.kind]}127.0.0.1:${listener.port}`;
  return { name: spec.name, address, settings: () => settings, change, close };
}

/** Starts all, or none: rejects with a sentence for each that cannot be started. */
export async function startTargets(specs: readonly TargetSpec[]): Promise<Targets> {
  const results = await Promise.allSettled(specs.map(startTarget));
  const started = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  const close = async () => void (await Promise.all(started.map((target) => target.close())));
  const failures = results.flatMap((result) =>
    result.status === "rejected" ? [(result.reason as Error).message] : [],
  );
  if (failures.length > 0) {
    await close();
    throw new Error(failures.join("\n"));
  }
  return {
    addresses: Object.fromEntries(started.map(({ name, address }) => [name, address])),
    settings: () => Object.fromEntries(started.map(({ name, settings }) => [name, settings()])),
    change: (name, settings) => started.find((target) => target.name === name)?.change(settings),
    close,
  };
}
