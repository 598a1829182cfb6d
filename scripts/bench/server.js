/** Servers that cost little, so that the client is what is measured: HTTP with a 46-byte answer, gRPC echo on bare HTTP/2. */
import { createServer } from "node:http";
import { createServer as createHttp2 } from "node:http2";

const BODY = Buffer.from('{"ok":true,"id":12345,"name":"tenfold bench"}\n');

const http = createServer((_request, response) => {
  response.writeHead(200, { "content-type": "application/json", "content-length": BODY.length });
  response.end(BODY);
});
http.keepAliveTimeout = 60_000;

const grpc = createHttp2();
grpc.on("stream", (stream) => {
  const parts = [];
  stream.on("error", () => {});
  stream.on("data", (part) => parts.push(part));
  stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
  stream.on("end", () => {
    stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
    stream.end(Buffer.concat(parts));
  });
});

const listening = (server) =>
  new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server.address().port)));
process.send({ http: await listening(http), grpc: await listening(grpc) });
process.on("disconnect", () => process.exit());
