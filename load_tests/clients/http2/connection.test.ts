import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { deferred } from "../loopback.ts";
import { Connection } from "./connection.ts";
import { ErrorCode } from "./errors.ts";
import type { Fields } from "./fields.ts";
import { FrameType, frame, goAwayFrame, resetFrame, settingsFrame, windowUpdateFrame } from "./frames.ts";
import type { Head } from "./head_writer.ts";
import { encodeFields } from "./hpack_encoder.ts";
import { answer, frameServer, goAwayUpTo, HELLO, headers, type Peer, type Seen } from "./peer.ts";
import { Setting } from "./settings.ts";
import type { Closing, Stream } from "./stream.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const REQUEST: Head = {
  fixed: [
    [":method", "POST"],
    [":path", "/"],
  ],
  varying: [],
};

/** A connection to a server of frames; settles when it is ready, or gone. */
async function connectTo(serving: ReturnType<typeof frameServer>, firstId = 1) {
  const server = await serving;
  closing.push(server.close);
  const [hostname, port] = server.address.split(":");
  const said: string[] = [];
  const ready = deferred();
  const gone = deferred();
  const connection = new Connection(
    { hostname: hostname!, port: Number(port), tls: null },
    {
      ready: ready.resolve,
      leaving: () => said.push("leaving"),
      closed: (error) => {
        said.push(error.message);
        ready.resolve();
        gone.resolve();
      },
    },
    firstId,
  );
  closing.push(() => connection.close());
  await ready.promise;
  return { connection, said, gone: gone.promise };
}

interface Told {
  readonly stream: Stream;
  readonly head: () => Fields | null;
  readonly trailers: () => Fields | null;
  readonly text: () => string;
  readonly end: Promise<Closing>;
}

/** Asks, and notes what is told. */
function ask(connection: Connection, content: Buffer = Buffer.from("?")): Told {
  let head: Fields | null = null;
  let trailers: Fields | null = null;
  let text = "";
  let close = (_: Closing) => {};
  const end = new Promise<Closing>((resolve) => {
    close = resolve;
  });
  const stream = connection.start(
    {
      head: (fields) => {
        head = fields;
      },
      sent: () => {},
      trailers: (fields) => {
        trailers = fields;
      },
      data: (bytes, from, to) => {
        text += bytes.toString("latin1", from, to);
      },
      closed: (how) => close(how),
    },
    REQUEST,
  );
  connection.send(stream, content, true);
  return { stream, head: () => head, trailers: () => trailers, text: () => text, end };
}

const asked = (seen: Seen): boolean => seen.type === FrameType.HEADERS;
const hello = (peer: Peer) => peer.send(HELLO);
/** Writes to the first request that comes. */
const answering = (...frames: Buffer[]) =>
  frameServer(hello, (peer, seen) => void (asked(seen) && seen.stream === 1 && peer.send(...frames)));

describe("a request and its answer", () => {
  test("head, content and trailers are told in their order, interim heads are not", async () => {
    const server = answering(
      headers(1, [[":status", "103"]]),
      headers(1, [
        [":status", "200"],
        ["a", "b"],
      ]),
      frame(FrameType.DATA, 8, Buffer.from("\x03one\0\0\0"), 1),
      frame(FrameType.DATA, 0, Buffer.from("two"), 1),
      headers(1, [["c", "d"]], 5),
    );
    const { connection } = await connectTo(server);
    const told = ask(connection);
    expect(await told.end).toEqual({ kind: "ended" });
    expect([told.head()?.get("a"), told.text(), told.trailers()?.get("c")]).toEqual(["b", "onetwo", "d"]);
  });

  test("an answer is read wherever it is cut", async () => {
    const bytes = Buffer.concat([answer(1), frame(FrameType.PING, 0, Buffer.alloc(8))]);
    const server = frameServer(hello, (peer, seen) => {
      if (!asked(seen)) return;
      let at = 0;
      const next = () => at < bytes.length && peer.socket.write(bytes.subarray(at, ++at), () => setImmediate(next));
      next();
    });
    const { connection } = await connectTo(server);
    const told = ask(connection);
    expect(await told.end).toEqual({ kind: "ended" });
    expect(told.text()).toBe("hi");
  });

  test("a head in several frames is one", async () => {
    const block = encodeFields([
      [":status", "200"],
      ["a", "b"],
    ]);
    const server = answering(
      frame(FrameType.HEADERS, 1, block.subarray(0, 1), 1),
      frame(FrameType.CONTINUATION, 0, Buffer.alloc(0), 1),
      frame(FrameType.CONTINUATION, 4, block.subarray(1), 1),
    );
    const { connection } = await connectTo(server);
    const told = ask(connection);
    expect(await told.end).toEqual({ kind: "ended" });
    expect(told.head()?.get("a")).toBe("b");
  });

  test("what comes after its end is passed over: a second answer, a reset", async () => {
    const server = frameServer(hello, (peer, seen) => {
      if (asked(seen)) peer.send(answer(seen.stream), answer(seen.stream, "no"), resetFrame(seen.stream, 0));
    });
    const { connection } = await connectTo(server);
    for (let i = 0; i < 2; i++) {
      const told = ask(connection);
      expect(await told.end).toEqual({ kind: "ended" });
      expect(told.text()).toBe("hi");
    }
  });

  test("a request that is cancelled is reset, and what still comes for it is passed over", async () => {
    const reset = deferred();
    const server = frameServer(hello, (peer, seen) => {
      if (seen.type === FrameType.RST_STREAM) {
        peer.send(answer(seen.stream));
        reset.resolve();
      } else if (asked(seen) && seen.stream === 3) peer.send(answer(3));
    });
    const { connection } = await connectTo(server);
    connection.cancel(ask(connection).stream);
    await reset.promise;
    expect(await ask(connection).end).toEqual({ kind: "ended" });
  });
});

describe("what the server asks for", () => {
  test("SETTINGS and PING are answered", async () => {
    const both = deferred();
    const acks: string[] = [];
    const server = frameServer(
      (peer) => peer.send(HELLO, frame(FrameType.PING, 0, Buffer.from("12345678"))),
      (_, { type, flags, payload }) => {
        if (flags !== 1) return;
        acks.push(`${type} ${payload}`);
        if (acks.length === 2) both.resolve();
      },
    );
    await connectTo(server);
    await both.promise;
    expect(acks).toEqual(["4 ", "6 12345678"]);
  });

  test("no more streams are open at once than it takes; the others wait, and one that is cancelled meanwhile is never sent", async () => {
    let open = 0;
    let most = 0;
    const paths: number[] = [];
    const server = frameServer(
      (peer) => peer.send(settingsFrame([[Setting.MAX_CONCURRENT_STREAMS, 2]])),
      (peer, seen) => {
        if (!asked(seen)) return;
        paths.push(seen.stream);
        most = Math.max(most, ++open);
        setImmediate(() => {
          open--;
          peer.send(answer(seen.stream));
        });
      },
    );
    const { connection } = await connectTo(server);
    const all = Array.from({ length: 10 }, () => ask(connection));
    connection.cancel(all[5]!.stream);
    await Promise.all(all.filter((_, index) => index !== 5).map(({ end }) => end));
    expect([most, paths.length]).toEqual([2, 9]);
  });

  test("6.9: content waits for the windows of its stream and of the connection", async () => {
    const sizes: number[] = [];
    let got = 0;
    const server = frameServer(
      (peer) => peer.send(settingsFrame([[Setting.INITIAL_WINDOW_SIZE, 40_000]])),
      (peer, { type, stream, payload, flags }) => {
        if (type !== FrameType.DATA) return;
        sizes.push(payload.length);
        got += payload.length;
        if (got === 40_000) peer.send(windowUpdateFrame(stream, 1_000_000));
        if (got === 65_535) peer.send(windowUpdateFrame(0, 1_000_000));
        if (flags === 1) peer.send(answer(stream, String(got)));
      },
    );
    const { connection } = await connectTo(server);
    const told = ask(connection, Buffer.alloc(100_000));
    expect(await told.end).toEqual({ kind: "ended" });
    expect(told.text()).toBe("100000");
    expect(sizes.slice(0, 5)).toEqual([16_384, 16_384, 7232, 16_384, 9151]);
  });

  test("6.9.2: a window made smaller below what is under way is waited for", async () => {
    const server = frameServer(
      (peer) => peer.send(settingsFrame([[Setting.INITIAL_WINDOW_SIZE, 10]])),
      (peer, { type, stream, payload, flags }) => {
        if (type !== FrameType.DATA) return;
        if (flags === 1) peer.send(answer(stream, String(payload.length)));
        else
          peer.send(
            settingsFrame([[Setting.INITIAL_WINDOW_SIZE, 0]]),
            windowUpdateFrame(stream, 5),
            windowUpdateFrame(stream, 15),
          );
      },
    );
    const { connection } = await connectTo(server);
    const told = ask(connection, Buffer.alloc(20));
    expect(await told.end).toEqual({ kind: "ended" });
    expect(told.text()).toBe("10");
  });

  test("4.2: larger frames are sent where the server takes them", async () => {
    const sizes: number[] = [];
    const server = frameServer(
      (peer) => peer.send(settingsFrame([[Setting.MAX_FRAME_SIZE, 50_000]])),
      (peer, { type, stream, payload }) => {
        if (type !== FrameType.DATA) return;
        sizes.push(payload.length);
        peer.send(answer(stream));
      },
    );
    const { connection } = await connectTo(server);
    await ask(connection, Buffer.alloc(30_000)).end;
    expect(sizes).toEqual([30_000]);
  });

  test("6.8: after GOAWAY what it has seen goes on, what it has not is handed back, and then the connection ends", async () => {
    const server = frameServer(hello, (peer, seen) => {
      if (asked(seen) && seen.stream === 5) {
        peer.send(goAwayUpTo(3), answer(1), answer(3));
      }
    });
    const { connection, said, gone } = await connectTo(server);
    const all = [ask(connection), ask(connection), ask(connection)];
    expect(await Promise.all(all.map(({ end }) => end))).toEqual([
      { kind: "ended" },
      { kind: "ended" },
      { kind: "unprocessed" },
    ]);
    await gone;
    expect(said[0]).toBe("leaving");
  });

  test("6.8: a first GOAWAY that names no stream takes nothing back; a second one does", async () => {
    const server = frameServer(hello, (peer, seen) => {
      if (asked(seen) && seen.stream === 5) peer.send(goAwayUpTo(2 ** 31 - 1), answer(1), goAwayUpTo(3), answer(3));
    });
    const { connection, said, gone } = await connectTo(server);
    const all = [ask(connection), ask(connection), ask(connection)];
    expect((await Promise.all(all.map(({ end }) => end))).map(({ kind }) => kind)).toEqual([
      "ended",
      "ended",
      "unprocessed",
    ]);
    await gone;
    expect(said.filter((word) => word === "leaving")).toHaveLength(1);
  });

  test("GOAWAY with an error ends what it has seen, with its word, and hands back what it has not", async () => {
    const server = frameServer(hello, (peer, seen) => {
      if (asked(seen) && seen.stream === 3) {
        const bytes = goAwayFrame(ErrorCode.ENHANCE_YOUR_CALM, "too_many_pings");
        bytes[12] = 1; // the last stream it looked at
        peer.send(bytes);
      }
    });
    const { connection } = await connectTo(server);
    const [seen, unseen] = [ask(connection), ask(connection)];
    expect(await unseen.end).toEqual({ kind: "unprocessed" });
    const end = await seen.end;
    expect(end.kind).toBe("lost");
    expect((end as { error: Error }).error.message).toContain("ENHANCE_YOUR_CALM (too_many_pings)");
  });
});

test("5.1.1: when numbers are used up what is open is answered, and what waits is handed back", async () => {
  const server = frameServer(
    (peer) => peer.send(settingsFrame([[Setting.MAX_CONCURRENT_STREAMS, 1]])),
    (peer, seen) => {
      if (asked(seen)) setImmediate(() => peer.send(answer(seen.stream)));
    },
  );
  const { connection, said, gone } = await connectTo(server, 2 ** 31 - 3);
  const all = [ask(connection), ask(connection), ask(connection)];
  expect((await Promise.all(all.map(({ end }) => end))).map(({ kind }) => kind)).toEqual(["ended", "ended", "unsent"]);
  expect(said[0]).toBe("leaving");
  await gone;
});

describe("a connection error (RFC 9113 5.4.1) ends all that is open, and tells the server why", () => {
  const data = (flags: number, size: number, stream: number) =>
    frame(FrameType.DATA, flags, Buffer.alloc(size), stream);
  const settings = (id: number, value: number) => settingsFrame([[id, value]]);
  test.each<[string, Buffer[], number]>([
    ["4.3: a block that cannot be read", [frame(1, 4, Buffer.from([0xbe]), 1)], ErrorCode.COMPRESSION_ERROR],
    ["5.1: DATA of a stream that nobody opened", [data(0, 1, 99)], ErrorCode.PROTOCOL_ERROR],
    ["5.1: RST_STREAM of a stream that nobody opened", [resetFrame(7, 0)], ErrorCode.PROTOCOL_ERROR],
    ["5.1.1: a stream of the server's own", [headers(2, [[":status", "200"]])], ErrorCode.PROTOCOL_ERROR],
    ["6.4: RST_STREAM of 3 bytes", [frame(3, 0, Buffer.alloc(3), 1)], ErrorCode.FRAME_SIZE_ERROR],
    ["6.5.2: a server that asks to be pushed to", [settings(2, 1)], ErrorCode.PROTOCOL_ERROR],
    ["6.5.2: an initial window above 2^31-1", [settings(4, 2 ** 31)], ErrorCode.FLOW_CONTROL_ERROR],
    ["6.5.2: a frame size below 16,384", [settings(5, 16_383)], ErrorCode.PROTOCOL_ERROR],
    ["6.6: a push", [frame(5, 4, Buffer.from([0, 0, 0, 2, 0x82]), 1)], ErrorCode.PROTOCOL_ERROR],
    ["6.9: a WINDOW_UPDATE of 0", [windowUpdateFrame(0, 0)], ErrorCode.PROTOCOL_ERROR],
    ["6.9.1: a window above 2^31-1", [windowUpdateFrame(0, 2 ** 31 - 1)], ErrorCode.FLOW_CONTROL_ERROR],
    ["6.10: CONTINUATION without HEADERS", [frame(9, 4, Buffer.alloc(1), 1)], ErrorCode.PROTOCOL_ERROR],
    [
      "6.2: another frame within a block",
      [frame(1, 0, Buffer.from([0x88]), 1), frame(6, 0, Buffer.alloc(8))],
      ErrorCode.PROTOCOL_ERROR,
    ],
    [
      "6.10: another stream within a block",
      [frame(1, 0, Buffer.from([0x88]), 1), frame(9, 4, Buffer.alloc(0), 3)],
      ErrorCode.PROTOCOL_ERROR,
    ],
    [
      "10.5.1: a block without end",
      [frame(1, 0, Buffer.from([0x88]), 1), ...Array.from({ length: 20 }, () => frame(9, 0, Buffer.alloc(0), 1))],
      ErrorCode.ENHANCE_YOUR_CALM,
    ],
  ])("%s", async (_, frames, code) => {
    const told = deferred();
    let seen = -1;
    const server = frameServer(hello, (peer, each) => {
      if (asked(each)) peer.send(...frames);
      if (each.type !== FrameType.GOAWAY) return;
      seen = each.payload.readUInt32BE(4);
      told.resolve();
    });
    const { connection, gone } = await connectTo(server);
    expect((await ask(connection).end).kind).toBe("broken");
    await gone;
    await told.promise;
    expect(seen).toBe(code);
  });

  test("3.4: a first frame that is not SETTINGS", async () => {
    const { said } = await connectTo(frameServer((peer) => peer.send(frame(6, 0, Buffer.alloc(8)))));
    expect(said).toEqual(["expected HTTP/2, found a first frame that is not SETTINGS (3.4)"]);
  });

  test("another protocol is told by its first words", async () => {
    const { said } = await connectTo(frameServer((peer) => peer.send(Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n"))));
    expect(said).toEqual(["expected HTTP/2, found HTTP/1.1 400 Bad Request"]);
  });
});

describe("a stream error (RFC 9113 5.4.2) resets its stream, and the connection goes on", () => {
  const ok = [":status", "200"] as const;
  test.each<[string, Buffer[], number?]>([
    ["6.9: a WINDOW_UPDATE of 0", [windowUpdateFrame(1, 0)]],
    ["6.9.1: a window above 2^31-1", [windowUpdateFrame(1, 2 ** 31 - 1)], ErrorCode.FLOW_CONTROL_ERROR],
    ["8.1: DATA before HEADERS", [frame(0, 1, Buffer.from("a"), 1)]],
    ["8.1: a second head", [headers(1, [ok]), headers(1, [ok])]],
    ["8.1: trailers that do not end the stream", [headers(1, [ok]), headers(1, [["a", "b"]])]],
    ["8.1: only an interim head", [headers(1, [[":status", "100"]], 5)]],
    [
      "8.1.1: less content than was promised",
      [headers(1, [ok, ["content-length", "5"]]), frame(0, 1, Buffer.from("a"), 1)],
    ],
    ["8.2.1: a name in upper case", [headers(1, [ok, ["A", "b"]])]],
    ["8.2.1: a value with a line break", [headers(1, [ok, ["a", "b\r\nc"]])]],
    ["8.2.2: a field of HTTP/1 connections", [headers(1, [ok, ["connection", "close"]])]],
    ["8.3: a pseudo-header after others", [headers(1, [["a", "b"], ok])]],
    ["8.3: an unknown pseudo-header", [headers(1, [ok, [":a", "b"]])]],
    ["8.3: the same pseudo-header twice", [headers(1, [ok, ok])]],
    ["8.3.2: no status", [headers(1, [["a", "b"]])]],
    ["8.3.2: a status that is none", [headers(1, [[":status", "OK"]])]],
    ["8.6: an upgrade", [headers(1, [[":status", "101"]])]],
  ])("%s", async (_, frames, code = ErrorCode.PROTOCOL_ERROR) => {
    const reset = deferred();
    const server = frameServer(hello, (peer, seen) => {
      if (seen.type === FrameType.RST_STREAM && seen.payload.readUInt32BE() === code) reset.resolve();
      if (asked(seen)) peer.send(...(seen.stream === 1 ? frames : [answer(seen.stream)]));
    });
    const { connection } = await connectTo(server);
    expect((await ask(connection).end).kind).toBe("broken");
    await reset.promise;
    expect(await ask(connection).end).toEqual({ kind: "ended" });
  });
});

describe("a server that misbehaves is bounded", () => {
  test("whatever it writes, every request ends and nothing is thrown", async () => {
    let noise: Uint8Array[] = [];
    const server = await frameServer(hello, (peer, seen) => {
      if (!asked(seen)) return;
      peer.send(...noise.map((each) => Buffer.from(each)));
      peer.socket.end();
    });
    closing.push(server.close);
    const wild = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc
        .tuple(fc.nat(10), fc.nat(255), fc.uint8Array({ maxLength: 40 }), fc.constantFrom(0, 1, 2, 3))
        .map(([type, flags, payload, stream]): Uint8Array => frame(type, flags, payload, stream)),
      fc.constant<Uint8Array>(answer(1)),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(wild, { maxLength: 10 }), async (written) => {
        noise = written;
        const { connection } = await connectTo(Promise.resolve({ ...server, close: async () => {} }));
        await ask(connection).end;
        connection.close();
      }),
      { numRuns: 150 },
    );
  });

  test("one that resets what it is asked, again and again, and what is over already, is asked on", async () => {
    const server = frameServer(hello, (peer, seen) => {
      if (!asked(seen)) return;
      const last = seen.stream > 1 ? [resetFrame(seen.stream - 2, ErrorCode.CANCEL)] : [];
      peer.send(...last, seen.stream % 10 === 1 ? answer(seen.stream) : resetFrame(seen.stream, ErrorCode.CANCEL));
    });
    const { connection } = await connectTo(server);
    const kinds = await Promise.all(Array.from({ length: 500 }, async () => (await ask(connection).end).kind));
    expect(kinds.map((kind, index) => [kind, index % 5])).toEqual(
      kinds.map((_, index) => [index % 5 === 0 ? "ended" : "reset", index % 5]),
    );
    expect(connection.state).toBe("ready");
  });

  test("while one does not read requests wait for it, and go on when it does", async () => {
    const ten = { fixed: [["a", "\x01".repeat(10_000)] as const], varying: [] };
    const streams: Stream[] = [];
    let resume = () => {};
    const server = frameServer(
      (peer) => {
        peer.send(HELLO);
        peer.socket.pause();
        resume = () => void peer.socket.resume();
      },
      (peer, seen) => void (asked(seen) && peer.send(answer(seen.stream))),
    );
    const { connection } = await connectTo(server);
    const ends = Array.from({ length: 2000 }, async () => {
      const { kind } = await new Promise<Closing>((closed) => {
        const listener = { head: () => {}, sent: () => {}, data: () => {}, trailers: () => {}, closed };
        streams.push(connection.start(listener, ten));
      });
      return kind;
    });
    for (const stream of streams) connection.send(stream, Buffer.alloc(0), true);
    await new Promise((turn) => setImmediate(turn));
    // Of twenty megabytes one waits in the socket, and some in the kernel.
    expect(streams.filter(({ id }) => id === 0).length).toBeGreaterThan(500);
    resume();
    expect(new Set(await Promise.all(ends))).toEqual(new Set(["ended"]));
  });

  test.each([
    ["PING", frame(FrameType.PING, 0, Buffer.alloc(8))],
    ["SETTINGS", settingsFrame([[Setting.INITIAL_WINDOW_SIZE, 1000]])],
  ])("one that asks for answers to %s and reads none is told to calm down", async (_, question) => {
    const flooding = Buffer.concat(Array.from({ length: 10_000 }, () => question));
    const server = frameServer((peer) => {
      peer.send(HELLO);
      peer.socket.pause();
      const flood = () => void (peer.socket.destroyed || peer.socket.write(flooding, flood));
      flood();
    });
    const { said, gone } = await connectTo(server);
    await gone;
    expect(said).toEqual(["more PING and SETTINGS than answers are read"]);
  });
});

test("what waits for its turn when the connection is lost goes elsewhere, what is open is lost", async () => {
  const server = frameServer(
    (peer) => peer.send(settingsFrame([[Setting.MAX_CONCURRENT_STREAMS, 1]])),
    (peer, seen) => void (asked(seen) && peer.socket.destroy()),
  );
  const { connection } = await connectTo(server);
  const all = [ask(connection), ask(connection)];
  expect((await Promise.all(all.map(({ end }) => end))).map(({ kind }) => kind)).toEqual(["lost", "unsent"]);
});
