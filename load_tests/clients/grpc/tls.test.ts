import { ServerCredentials } from "@grpc/grpc-js";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { DRIVERS, type Driver } from "../../core/model.ts";
import { type Certificates, makeCertificates } from "../certificates.ts";
import { drive, openClient, resolveService, testUser } from "../contract.ts";
import { echoProto, serveEcho } from "./fixture.ts";
import { grpc } from "./index.ts";

let made: Certificates;
beforeAll(() => {
  made = makeCertificates();
});
afterAll(() => made.remove());

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

type Which = "good" | "expired" | "misnamed" | "stranger";

/** Serves over TLS; with `asking`, only to clients of our own authority. */
async function serveTls(which: Which, asking = false): Promise<number> {
  const { cert, key } = made[which].pem;
  const pairs = [{ cert_chain: cert, private_key: key }];
  const credentials = ServerCredentials.createSsl(asking ? made.authority.pem.cert : null, pairs, asking);
  const running = await serveEcho({ Say: (call, done) => done(null, call.request) }, 0, credentials);
  closing.push(running.close);
  return running.port;
}

async function callAt(host: string, tls: object | undefined, driver: Driver) {
  const calls = [{ method: "demo.echo.Echo/Say", message: { user: "u" } }];
  const config = {
    host,
    driver,
    proto: echoProto,
    calls,
    connect_timeout: "2s",
    ...(tls === undefined ? {} : { tls }),
  };
  const client = await openClient(grpc, config);
  closing.push(() => client.close());
  return drive(client.ops[0]!, testUser(0));
}

const ours = () => ({ ca: made.authority.cert });

describe.each(DRIVERS)("a call goes over TLS, %s", (driver) => {
  test.each<[string, Which, string, () => object]>([
    ["trusting our own authority", "good", "grpcs://localhost", ours],
    ["to an address in numbers", "good", "grpcs://127.0.0.1", ours],
    ["also to a bare host and port, where tls is said", "good", "localhost", ours],
    [
      "under the name that the config says",
      "misnamed",
      "localhost",
      () => ({ ...ours(), server_name: "elsewhere.example" }),
    ],
    ["whatever the service shows, with verify: false", "expired", "localhost", () => ({ verify: false })],
  ])("%s", async (_, which, host, tls) => {
    const port = await serveTls(which);
    expect(await callAt(`${host}:${port}`, tls(), driver)).toMatchObject({ outcome: "ok", json: { user: "u" } });
  });

  test("with a certificate of our own, where the service asks for one", async () => {
    const port = await serveTls("good", true);
    const { cert, key } = made.client;
    expect(await callAt(`localhost:${port}`, { ...ours(), cert, key }, driver)).toMatchObject({ outcome: "ok" });
  });
});

describe.each(DRIVERS)("a service that cannot be trusted is a refusal that says why, %s", (driver) => {
  test.each<[string, Which, () => object | undefined, string]>([
    ["an authority that nobody knows", "good", () => ({}), "unable to verify the first certificate"],
    ["no word of tls, an authority that nobody knows", "good", () => undefined, "unable to verify"],
    ["a certificate signed by itself", "stranger", ours, "self-signed certificate"],
    ["an expired certificate", "expired", ours, "certificate has expired"],
    ["a certificate of another name", "misnamed", ours, "does not match certificate's altnames"],
    ["not the name that the config says", "good", () => ({ ...ours(), server_name: "a.b" }), "Host: a.b. is not in"],
  ])("%s", async (_, which, tls, words) => {
    const seen = await callAt(`grpcs://localhost:${await serveTls(which)}`, tls(), driver);
    expect(seen).toMatchObject({ outcome: "refused", status: "UNAVAILABLE" });
    expect(seen.message).toContain(words);
  });

  test("a service that asks for our certificate and gets none", async () => {
    const seen = await callAt(`localhost:${await serveTls("good", true)}`, ours(), driver);
    expect(seen).toMatchObject({ outcome: "refused" });
    expect(seen.message).toContain("certificate required");
  });

  test("TLS spoken to a service in the clear, and the other way round", async () => {
    const running = await serveEcho({ Say: (call, done) => done(null, call.request) });
    closing.push(running.close);
    expect(await callAt(`grpcs://localhost:${running.port}`, {}, driver)).toMatchObject({ outcome: "refused" });
    expect(await callAt(`localhost:${await serveTls("good")}`, undefined, driver)).toMatchObject({
      outcome: "refused",
    });
  });
});

test("the probe goes over TLS too", async () => {
  const calls = [{ method: "demo.echo.Echo/Say" }];
  const host = `localhost:${await serveTls("good")}`;
  const probe = async (tls: object) =>
    grpc.probe(await resolveService(grpc, "echo", { host, proto: echoProto, calls, tls }), AbortSignal.timeout(5000));
  await probe(ours());
  await expect(probe({})).rejects.toThrow("unable to verify the first certificate");
});
