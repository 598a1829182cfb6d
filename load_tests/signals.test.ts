import { EventEmitter } from "node:events";
import { describe, expect, test } from "vitest";
import { listenForStop } from "./signals.ts";

function listening() {
  const source = new EventEmitter();
  const state = { now: 0, stopped: 0 };
  const stop = listenForStop(
    source,
    () => state.now,
    () => state.stopped++,
  );
  const send = (kind: "SIGINT" | "SIGTERM", at: number) => {
    state.now = at;
    source.emit(kind);
  };
  return { state, stop, send };
}

describe("signals", () => {
  test("the first asks for a graceful stop", () => {
    const { stop, state, send } = listening();
    expect(stop.requested).toBe(false);
    send("SIGTERM", 0);
    expect(stop.requested).toBe(true);
    expect(stop.signal.aborted).toBe(true);
    expect(state.stopped).toBe(0);
  });

  test("a second of the same kind stops at once", () => {
    const { state, send } = listening();
    send("SIGINT", 0);
    send("SIGINT", 2000);
    expect(state.stopped).toBe(1);
  });

  test("a second waits for what is owed, a third does not", async () => {
    const { stop, state, send } = listening();
    let pay: () => void = () => {};
    send("SIGINT", 0);
    const debt = new Promise<void>((resolve) => {
      pay = resolve;
    });
    stop.owe(debt);
    send("SIGINT", 2000);
    await Promise.resolve();
    expect(state.stopped).toBe(0);
    send("SIGINT", 4000);
    expect(state.stopped).toBe(1);
    pay();
    await debt.then(() => {});
    await Promise.resolve();
    expect(state.stopped).toBeGreaterThanOrEqual(1);
  });

  test("SIGINT and then SIGTERM, as CI sends them, count as one", () => {
    const { state, send } = listening();
    send("SIGINT", 0);
    send("SIGTERM", 7500);
    expect(state.stopped).toBe(0);
  });

  test("one key press that the terminal and npm both hand on counts once", () => {
    const { state, send } = listening();
    send("SIGINT", 0);
    send("SIGINT", 20);
    expect(state.stopped).toBe(0);
  });
});
