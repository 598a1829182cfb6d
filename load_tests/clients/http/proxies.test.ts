import { createServer, request as requestOf } from "node:http";
import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import { addressOf } from "../address.ts";
import { drive, openClient, resolveService, testResolver, testUser } from "../contract_driver.ts";
import { listening } from "../loopback.ts";
import { proxyFinder } from "../wire/proxy.ts";
import { httpServer } from "./fixture.ts";
import { rest } from "./index.ts";
import { restSchema } from "./schema.ts";
import { httpsStage } from "./stage.ts";

const stage = httpsStage();

/** A real proxy, and the lines that it was asked. `refuse` is its answer to a tunnel. */
async function proxy(refuse?: number) {
  const lines: string[] = [];
  const server = createServer((request, response) => {
    lines.push(`${request.method} ${request.url} ${request.headers["proxy-authorization"] ?? ""}`.trim());
    const { "proxy-authorization": _, ...headers } = request.headers;
    requestOf(request.url!, { method: request.method, headers }, (answer) => {
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
    }).end();
  }).on("connect", (request, socket) => {
    lines.push(`CONNECT ${request.url} ${request.headers["proxy-authorization"] ?? ""}`.trim());
    if (refuse !== undefined) return void socket.end(`HTTP/1.1 ${refuse} No\r\ncontent-length: 0\r\n\r\n`);
    const [host, port] = request.url!.split(":");
    const far = connect(Number(port), host, () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      far.pipe(socket).pipe(far);
    });
    for (const each of [far, socket]) each.on("error", () => {});
    socket.on("close", () => far.destroy());
  });
  const listened = await listening(server);
  stage.later(listened.close);
  return { ...listened, lines };
}

async function call(host: string, service: object) {
  const config = { host, endpoints: [{ path: "/x?y=1", checks: ["$.ok == true"] }], ...service };
  const client = await openClient(rest, config);
  stage.later(() => client.close());
  const user = testUser(0);
  return [await drive(client.ops[0]!, user), await drive(client.ops[0]!, user)];
}

describe("through the config's proxy", () => {
  test("a plain call asks for the whole URL, with the proxy's credentials", async () => {
    const server = await httpServer((_request, response) => void response.end('{"ok":true}'));
    stage.later(server.close);
    const { address, lines } = await proxy();
    const calls = await call(`http://${server.address}`, { proxy: `http://me:pw@${address}` });
    expect(calls.map(({ outcome }) => outcome)).toEqual(["ok", "ok"]);
    const line = `GET http://${server.address}/x?y=1 Basic ${btoa("me:pw")}`;
    expect(lines).toEqual([line, line]);
  });

  test("a call over TLS goes through one tunnel", async () => {
    const tls = await stage.https(
      stage.certificates.good.pem,
      (_request, response) => void response.end('{"ok":true}'),
    );
    const { address, lines } = await proxy();
    const service = { proxy: `http://me:pw@${address}`, tls: { ca: stage.certificates.authority.cert } };
    const calls = await call(`https://${tls.address}`, service);
    expect(calls.map(({ outcome }) => outcome)).toEqual(["ok", "ok"]);
    expect(lines).toEqual([`CONNECT ${tls.address} Basic ${btoa("me:pw")}`]);
  });

  test("a proxy that refuses the tunnel, or is not there, is a refusal that says so", async () => {
    const { address } = await proxy(407);
    expect((await call("https://127.0.0.1:1", { proxy: `http://${address}` }))[0]).toMatchObject({
      outcome: "refused",
      status: "PROXY_407",
      message: `the proxy ${address} answers 407`,
    });
    const [gone] = await call("http://127.0.0.1:1", { proxy: "http://127.0.0.1:1" });
    expect(gone).toMatchObject({ outcome: "refused", status: "ECONNREFUSED" });
  });

  test("the probe goes the same way", async () => {
    const server = await httpServer((_request, response) => void response.end());
    stage.later(server.close);
    const { address, lines } = await proxy();
    const config = { host: server.address, proxy: address, ready: "/health", endpoints: [{ path: "/" }] };
    await rest.probe(await resolveService(rest, "api", config), AbortSignal.timeout(3000));
    expect(lines).toEqual([`GET http://${server.address}/health`]);
  });

  test("its password is kept apart, under a key that is masked", async () => {
    const service = await resolveService(rest, "api", {
      host: "x",
      proxy: "http://me:p%40ss@proxy:3128",
      endpoints: [{ path: "/" }],
    });
    expect(service.settings).toMatchObject({ proxy: { host: "http://proxy:3128", user: "me", password: "p@ss" } });
    const secrets: string[] = [];
    await (await rest.open(service, { drive: "users", secret: (value) => void secrets.push(value) })).close();
    expect(secrets).toEqual(["p@ss", btoa("me:p@ss")]);
  });

  test.each(["ftp://x", "http://x/path", "socks5://x:1"])("%s is no proxy", async (text) => {
    const at = testResolver();
    await rest.resolve("api", restSchema.parse({ host: "x", proxy: text, endpoints: [{ path: "/" }] }), at);
    expect(at.issues).toHaveLength(1);
    expect(at.issues[0]).toContain("proxy: expected the address of an HTTP proxy");
  });
});

describe("the environment's proxies", () => {
  const at = (host: string) => addressOf({ name: "x", host });
  const both = { HTTP_PROXY: "http://plain:1", https_proxy: "http://secure:2" };
  test.each([
    ["HTTP_PROXY for plain addresses", "http://api.example.com", both, "plain:1"],
    ["HTTPS_PROXY for addresses with TLS", "https://api.example.com", both, "secure:2"],
    ["ALL_PROXY for what has none of its own", "http://api.example.com", { ALL_PROXY: "http://all:3" }, "all:3"],
    ["none for loopback", "http://localhost:8080", both, undefined],
    ["none for 127.0.0.1", "http://127.0.0.1:8080", both, undefined],
    ["none where nothing is said", "http://api.example.com", {}, undefined],
    ["none where it is empty", "http://api.example.com", { HTTP_PROXY: "" }, undefined],
    ["none with NO_PROXY=*", "http://api.example.com", { ...both, NO_PROXY: "*" }, undefined],
    ["none for a name of NO_PROXY", "http://api.example.com", { ...both, NO_PROXY: "a.b, api.example.com" }, undefined],
    ["none below a name of NO_PROXY", "http://api.example.com", { ...both, no_proxy: "example.com" }, undefined],
    ["none below a dot of NO_PROXY", "http://api.example.com", { ...both, no_proxy: ".Example.com" }, undefined],
    ["one for a name that only ends so", "http://notexample.com", { ...both, no_proxy: "example.com" }, "plain:1"],
    ["one for another port", "http://example.com:81", { ...both, no_proxy: "example.com:80" }, "plain:1"],
    ["none in a network of NO_PROXY", "http://10.1.2.3", { ...both, no_proxy: "10.0.0.0/8" }, undefined],
    ["one outside of it", "http://11.1.2.3", { ...both, no_proxy: "10.0.0.0/8" }, "plain:1"],
    ["none for an IPv6 address of NO_PROXY", "http://[fd00::1]:80", { ...both, no_proxy: "fd00::1" }, undefined],
  ])("%s", (_name, host, env, expected) => {
    expect(proxyFinder(null, env)(at(host))?.address.authority).toBe(expected);
  });

  test("proxy: none asks none of them", () => {
    expect(proxyFinder("none", both)(at("http://api.example.com"))).toBeNull();
  });

  test("an address that is none is told", () => {
    expect(() => proxyFinder(null, { HTTP_PROXY: "ftp://x" })).toThrow(/^HTTP_PROXY: expected the address/);
  });
});
