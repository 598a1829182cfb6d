/** Entry of a thread that hears of calls: writes the log of requests, or hands them to a user's sink. */
import { Console } from "node:console";
import { setImmediate as immediate } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import type { LoggedCall, LoggedCalls } from "./core/logged_call.ts";
import { createMask } from "./core/mask.ts";
import { randomStream } from "./core/random.ts";
import type { Sink } from "./core/sink.ts";
import { Piece } from "./engine/call_codec.ts";
import { giveWay } from "./engine/give_way.ts";
import type { FromListener, Heard, HeardPiece, Hearing, ToListener } from "./hearing.ts";
import { startRequestLog } from "./request_log.ts";
import { UserSink } from "./sinks/user_sink.ts";
import { placeOf, reasonOf } from "./workloads/code/broken.ts";
import { importDefault } from "./workloads/code/program.ts";

const SHARE = 0x7b;
/**
 * How far the log stands below the load: on a core that the load fills it gets a thirtieth, enough for some 40,000 lines a
 * second; the rest is dropped and counted. With a tenth, a load of 85,000 a second was an eighth slower.
 */
const LOG_BELOW = 15;

/** What hears. */
interface Ear {
  hear(calls: LoggedCalls): void | Promise<void>;
  /** No further calls come than those that wait. */
  ending?(): void;
  close(): Promise<Heard>;
}

const port = parentPort!;
const say = (message: FromListener): void => port.postMessage(message);
const { name, sink: plan, folder, header, secrets, share } = workerData as Hearing;
const ops = [...header.ops];
const mask = createMask(secrets);
const random = randomStream(header.scenario.seed, SHARE);
const told = { ...header, ops };

/** The file may export other plug-ins beside it. */
async function sinkIn(file: string): Promise<Sink> {
  const all = [await importDefault(file)].flat() as Sink[];
  return all.find(({ call }) => typeof call === "function")!;
}

async function openSink(file: string): Promise<Ear> {
  const sink = new UserSink({
    ...{ name, sink: await sinkIn(file), header: told, mask },
    log: (text) => say({ say: "log", text }),
    notice: (notice) => say({ say: "notice", notice }),
    describe: (error) => `${reasonOf(error)}${placeOf(error)}`,
  });
  process.on("uncaughtException", (error) => sink.stray(error));
  await sink.open();
  return {
    hear: (calls) => sink.hear(calls),
    close: async () => {
      await sink.close();
      return { problem: null, files: [] };
    },
  };
}

function openLog(): Ear {
  const log = startRequestLog(folder, told, mask);
  return {
    hear: (calls) => log.add(calls),
    ending: () => log.ending(),
    close: async () => {
      const { dropped, problem, files } = log.close();
      if (problem === null && dropped > 0)
        say({ say: "notice", notice: { kind: "folder-unwritable", text: lacking(dropped) } });
      return { problem, files };
    },
  };
}

const lacking = (count: number): string =>
  `the log of requests lacks ${count} calls: they came faster than it could be written, and none waited for it`;

globalThis.console = new Console(process.stderr);
const ear = plan === null ? openLog() : await openSink(plan.file);

/** Those that this one is to hear of. */
function* drawn(all: Iterable<LoggedCall>): Generator<LoggedCall> {
  for (const call of all) if (random.next() < share) yield call;
}

async function hear({ memory, used, ids, count, dropped }: HeardPiece): Promise<void> {
  const all = new Piece(memory).calls(used, ids);
  const calls = share >= 1 ? all : drawn(all);
  await ear.hear({ calls, dropped: dropped * Math.min(1, share) });
  port.postMessage({ say: "heard", memory, used, count } satisfies FromListener, [memory]);
  await immediate(); // after a burst, too, what was written must be told before more is to be written
}

async function close({ dropped }: Extract<ToListener, { say: "close" }>): Promise<void> {
  await ear.hear({ calls: [], dropped: dropped * Math.min(1, share) });
  say({ say: "closed", ...(await ear.close()) });
}

let before: Promise<void> = Promise.resolve();
port.on("message", (message: ToListener) => {
  if (message.say === "close") ear.ending?.();
  before = before.then(() => {
    if (message.say === "calls") return hear(message);
    if (message.say === "close") return close(message);
    if (message.say === "line") ops.push(message.op);
    else mask.add(message.value);
    return undefined;
  });
});
giveWay(plan === null ? LOG_BELOW : undefined);
say({ say: "ready" });
