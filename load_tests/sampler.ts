/** Entry of the thread that measures resources: reads every source each second, whatever the load's threads are busy with. */
import { setTimeout as pause } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import { clockFrom, epochNow } from "./engine/clock.ts";
import { giveWay } from "./engine/give_way.ts";
import { openSources, type Wanted } from "./resources/sources.ts";
import type { FromSampler, ToSampler } from "./sampling.ts";

/** A source that does not answer is waited for so long before the run, not longer. */
const PATIENCE = 1000;
/** Over less than this a rate says nothing. */
const SHORTEST = 0.5;
/** Finer than anything that is measured, and short in the timeline. */
const DIGITS = 5;

const port = parentPort!;
const say = (message: FromSampler): void => port.postMessage(message);
const sources = openSources(workerData as Wanted, (text) => say({ say: "notice", text }));
let end = (): void => {};
giveWay();

/** Reads at each whole second of the run until it is ended; the last second may not be whole. */
function sample(epoch: number): () => void {
  const clock = clockFrom(epoch);
  sources.read(1); // rates count from here
  let last = clock.now();
  const read = (): void => {
    const now = clock.now();
    const seconds = (now - last) / 1000;
    if (seconds < SHORTEST) return;
    last = now;
    const readings = sources.read(seconds).map((each) => ({ ...each, value: Number(each.value.toPrecision(DIGITS)) }));
    say({ say: "readings", t: Math.max(1, Math.round(now / 1000)), readings });
  };
  const untilNext = (): number => 1000 - (clock.now() % 1000);
  const tick = (): void => {
    read();
    timer = setTimeout(tick, untilNext());
  };
  let timer = setTimeout(tick, untilNext());
  return () => {
    clearTimeout(timer);
    read();
  };
}

function close(): void {
  end();
  sources.close();
  port.close();
}

port.on("message", (message: ToSampler) => {
  if (message.say === "stop") close();
  else end = sample(epochNow());
});

await Promise.race([sources.ready, pause(PATIENCE, undefined, { ref: false })]);
say({ say: "ready" });
