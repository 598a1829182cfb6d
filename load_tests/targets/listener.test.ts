import { once } from "node:events";
import { connect } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { listen } from "./listener.ts";

test("a port that is taken is refused in a sentence that names it, the service and the remedy", async () => {
  const first = await listen("first", 0, () => {});
  onTestFinished(() => first.slam());
  await expect(listen("second", first.port, () => {})).rejects.toThrow(
    `stand-in second: expected to listen on 127.0.0.1:${first.port}, but another process listens there; stop that process or choose another port (0 takes a free one)`,
  );
});

test("a slam resets open connections and refuses new ones", async () => {
  const listener = await listen("it", 0, () => {});
  const socket = connect(listener.port, "127.0.0.1");
  await once(socket, "connect");
  const error = once(socket, "error");
  await listener.slam();
  expect((await error)[0]).toMatchObject({ code: "ECONNRESET" });
  const again = connect(listener.port, "127.0.0.1");
  expect((await once(again, "error"))[0]).toMatchObject({ code: "ECONNREFUSED" });
});

test("a connection that its client resets does no harm", async () => {
  const listener = await listen("it", 0, (socket) => socket.resume());
  onTestFinished(() => listener.slam());
  const socket = connect(listener.port, "127.0.0.1");
  await once(socket, "connect");
  socket.resetAndDestroy();
  await once(socket, "close");
  const next = connect(listener.port, "127.0.0.1");
  await once(next, "connect");
  next.destroy();
});
