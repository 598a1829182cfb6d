/** For tests only: REST services over HTTP/2 on loopback, well-behaved and not. */
import type { ServerHttp2Stream } from "node:http2";
import type { Certificate } from "../certificates.ts";
import type { Behaviour, Stage } from "../contract.ts";
import type { Misbehaviour, Misbehaviours } from "../faults.ts";
import { deferred } from "../loopback.ts";
import { http2Faults, http2Server, otherServer } from "../raw_http2.ts";

const STATUS_OF = { "client-error": 404, "server-error": 503, limited: 429 } as const;

/** The contract's server: `/users/<id>` comes back as `{user: <id>}`. */
export async function serveHttp2(certificate: Certificate, behaviour: Behaviour): Promise<Stage> {
  const called = deferred();
  const letGo = deferred();
  const server =
    behaviour === "garbage"
      ? await otherServer(certificate)
      : await http2Server(certificate, ({ stream, path }) => {
          const body = JSON.stringify({ user: path.split("/").at(-1) });
          stream.on("close", letGo.resolve);
          if (behaviour === "echo") stream.end(body);
          else if (behaviour === "half") stream.write(body);
          else if (behaviour !== "silent") {
            stream.respond({ ":status": STATUS_OF[behaviour] });
            stream.end("why");
          }
          called.resolve();
        });
  return { port: server.port, called: called.promise, letGo: letGo.promise, close: server.close };
}

const CUT = /^(CLOSED|ECONNRESET|RST_STREAM_\d+|GOAWAY_2)$/;
const PIECE = Buffer.alloc(1024 * 1024, "x");
const PIECES = 50;

const begin = (stream: ServerHttp2Stream, written: () => void) => void stream.write("half", written);

export function restFaults(certificate: Certificate): Misbehaviours {
  const answers = (answer: (stream: ServerHttp2Stream) => void, status: Misbehaviour["status"]): Misbehaviour => ({
    serve: () => http2Server(certificate, ({ stream }) => answer(stream)),
    status,
  });
  return {
    ...http2Faults({ certificate, begin, cut: CUT, nonsense: "INVALID_ANSWER" }),
    stream_reset: answers((stream) => stream.close(2), "RST_STREAM_2"),
    garbage: { serve: () => otherServer(certificate), status: "INVALID_ANSWER" },
    wrong_length: answers((stream) => {
      stream.respond({ ":status": 200, "content-length": 100 });
      stream.end("half");
    }, /^(RST_STREAM_1|INVALID_ANSWER)$/),
    oversize: null,
    redirect_loop: answers((stream) => {
      stream.respond({ ":status": 302, location: "/" });
      stream.end();
    }, "302"),
    huge_content: answers((stream) => {
      let left = PIECES;
      const next = (): unknown => (left-- > 0 ? stream.write(PIECE, next) : stream.end());
      next();
    }, "200"),
    for_no_one: answers((stream) => {
      stream.additionalHeaders({ ":status": 103, link: "</x>" });
      stream.respond({ ":status": 200 });
      stream.end('{"user":"me"}');
    }, "200"),
  };
}
