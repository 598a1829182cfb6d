import { createServer as createTlsServer } from "node:https";
import type { TlsOptions } from "node:tls";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Certificates, makeCertificates } from "../certificates.ts";
import { drive, lateWords, openClient, resolveService, testUser } from "../contract_driver.ts";
import { listening } from "../loopback.ts";
import { rest } from "./index.ts";

let certificates: Certificates;
beforeAll(() => {
  certificates = makeCertificates();
});
afterAll(() => certificates.remove());

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  expect(lateWords.splice(0)).toEqual([]);
});

async function serve(options: TlsOptions) {
  const server = await listening(
    createTlsServer(options, (request, response) => {
      const { authorized, servername } = request.socket as unknown as { authorized: boolean; servername: unknown };
      response.end(JSON.stringify({ authorized, servername }));
    }),
  );
  closing.push(server.close);
  return server;
}

async function callAt(host: string, service: object) {
  const client = await openClient(rest, { host, endpoints: [{ path: "/", checks: ["$ exists"] }], ...service });
  closing.push(() => client.close());
  return drive(client.ops[0]!, testUser(0));
}

describe("over TLS", () => {
  const authority = () => ({ ca: certificates.authority.cert });
  test.each([
    ["a certificate of our own authority is trusted", "good", authority, "ok", "200"],
    ["one of an unknown authority is refused", "good", () => ({}), "refused", "UNABLE_TO_VERIFY_LEAF_SIGNATURE"],
    ["one signed by itself is refused", "stranger", authority, "refused", "DEPTH_ZERO_SELF_SIGNED_CERT"],
    ["an expired one is refused", "expired", authority, "refused", "CERT_HAS_EXPIRED"],
    ["one for another name is refused", "misnamed", authority, "refused", "ERR_TLS_CERT_ALTNAME_INVALID"],
    [
      "one for the name that the config says is trusted",
      "misnamed",
      () => ({ ...authority(), server_name: "elsewhere.example" }),
      "ok",
      "200",
    ],
    ["any is taken with verify: false", "expired", () => ({ verify: false }), "ok", "200"],
  ] as const)("%s", async (_name, which, tls, outcome, status) => {
    const server = await serve(certificates[which].pem);
    const seen = await callAt(`https://${server.address}`, { tls: tls() });
    expect(seen).toMatchObject({ outcome, status });
    if (outcome === "refused") expect(seen.message).not.toBe("");
  });

  test("a server that asks for our certificate gets it, and one without is refused", async () => {
    const { authority, good, client } = certificates;
    const server = await serve({ ...good.pem, ca: authority.pem.cert, requestCert: true, rejectUnauthorized: true });
    const host = `https://${server.address}`;
    const tls = { ca: authority.cert };
    const known = await callAt(host, { tls: { ...tls, cert: client.cert, key: client.key } });
    expect(known).toMatchObject({ outcome: "ok", json: { authorized: true } });
    expect(await callAt(host, { tls })).toMatchObject({
      outcome: "refused",
      status: "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED",
    });
  });

  test("the server is told which name is meant, and no name where the host is an address", async () => {
    const server = await serve(certificates.good.pem);
    const tls = { ca: certificates.authority.cert };
    expect((await callAt(`https://localhost:${server.port}`, { tls })).json).toMatchObject({ servername: "localhost" });
    expect((await callAt(`https://${server.address}`, { tls })).json).toMatchObject({ servername: false });
  });

  test("the probe trusts whom the calls trust", async () => {
    const server = await serve(certificates.good.pem);
    const at = async (service: object) =>
      rest.probe(
        await resolveService(rest, "api", {
          host: `https://${server.address}`,
          endpoints: [{ path: "/" }],
          ...service,
        }),
        AbortSignal.timeout(3000),
      );
    const tls = { ca: certificates.authority.cert };
    await at({ tls });
    await at({ tls, ready: "/" });
    await expect(at({})).rejects.toThrow(/cannot be reached: unable to verify/);
    await expect(at({ ready: "/" })).rejects.toThrow(/cannot be reached: unable to verify/);
  });
});
