/**
 * Who hears of calls while a run goes on: the log of requests, and users' sinks. Each is a thread of its own with a
 * bounded queue, so that nothing it does keeps a call, a second or the verdict waiting.
 */
import { basename } from "node:path";
import type { Plan } from "./config/load.ts";
import type { OpInfo, RunHeader } from "./core/model.ts";
import type { ToldCalls } from "./engine/fleet.ts";
import type { TapSettings } from "./engine/tap.ts";
import type { Heard, Hearing, ListeningEvents } from "./hearing.ts";
import { ListenerThread } from "./listener_thread.ts";

export interface Listening {
  calls(told: ToldCalls): void;
  line(op: OpInfo): void;
  secret(value: string): void;
  /** Resolves when all have heard everything, or had their time. */
  close(): Promise<Heard>;
}

/** What the load is to tell of its calls; undefined where nobody listens. */
export function tapFor({ requestLog, plugins: { sinks } }: Plan): TapSettings | undefined {
  if (requestLog !== null) return { share: 1, bodies: true };
  if (sinks.length === 0) return undefined;
  return { share: Math.max(...sinks.map(({ sample }) => sample)), bodies: sinks.some(({ bodies }) => bodies) };
}

/** Starts all listeners of the plan; resolves when each is ready, or had its time. */
export async function startListening(
  plan: Plan,
  { header, folder }: { readonly header: RunHeader; readonly folder: string | null },
  events: ListeningEvents,
): Promise<Listening> {
  const share = tapFor(plan)?.share ?? 1;
  const common = { folder: folder ?? "", header, secrets: plan.secrets };
  const log = plan.requestLog !== null && folder !== null;
  const wanted: Hearing[] = [
    ...(log ? [{ ...common, name: "the log of requests", sink: null, share: 1 }] : []),
    ...plan.plugins.sinks.map((sink) => ({
      ...common,
      name: `the sink ${basename(sink.file)}`,
      sink,
      share: sink.sample / share,
    })),
  ];
  const listeners = wanted.map((hearing) => new ListenerThread(hearing, events));
  await Promise.all(listeners.map((each) => each.ready()));
  return {
    calls: (told) => {
      for (const each of listeners) each.calls(told);
    },
    line: (op) => {
      for (const each of listeners) each.say({ say: "line", op });
    },
    secret: (value) => {
      for (const each of listeners) each.say({ say: "secret", value });
    },
    close: async () => {
      const heard = await Promise.all(listeners.map((each) => each.close()));
      return {
        problem: heard.find(({ problem }) => problem !== null)?.problem ?? null,
        files: heard.flatMap(({ files }) => files),
      };
    },
  };
}
