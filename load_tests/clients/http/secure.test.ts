import type { TLSSocket, TlsOptions } from "node:tls";
import { describe, expect, test } from "vitest";
import { drive, openClient, resolveService, testUser } from "../contract_driver.ts";
import { rest } from "./index.ts";
import { httpsStage, tellsHandshake } from "./stage.ts";

const stage = httpsStage();

const serve = (options: TlsOptions) => stage.https(options, tellsHandshake);

async function callAt(host: string, service: object) {
  const client = await openClient(rest, { host, endpoints: [{ path: "/", checks: ["$ exists"] }], ...service });
  stage.later(() => client.close());
  return drive(client.ops[0]!, testUser(0));
}

describe("over TLS", () => {
  const authority = () => ({ ca: stage.certificates.authority.cert });
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
    const server = await serve(stage.certificates[which].pem);
    const seen = await callAt(`https://${server.address}`, { tls: tls() });
    expect(seen).toMatchObject({ outcome, status });
    if (outcome === "refused") expect(seen.message).not.toBe("");
  });

  test("a server that asks for our certificate gets it, and one without is refused", async () => {
    const { authority, good, client } = stage.certificates;
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
    const server = await serve(stage.certificates.good.pem);
    const tls = { ca: stage.certificates.authority.cert };
    expect((await callAt(`https://localhost:${server.port}`, { tls })).json).toMatchObject({ servername: "localhost" });
    expect((await callAt(`https://${server.address}`, { tls })).json).toMatchObject({ servername: false });
  });

  test.each([
    ["fast", "per_user", [false, true, false]],
    ["fast", "shared", [false, true, true]],
    ["fast", "per_request", [false, false, false]],
    ["reference", "per_user", [false, true, false]],
  ])("driver: %s with connections %s: who resumes a session", async (driver, connections, expected) => {
    const server = await stage.https(stage.certificates.good.pem, (request, response) => {
      const resumed = (request.socket as TLSSocket).isSessionReused();
      response.setHeader("connection", "close").end(JSON.stringify(resumed));
    });
    const tls = { ca: stage.certificates.authority.cert };
    const config = { host: `https://${server.address}`, tls, driver, connections };
    const client = await openClient(rest, { ...config, endpoints: [{ path: "/", checks: ["body not empty"] }] });
    stage.later(() => client.close());
    const seen: unknown[] = [];
    const [first, second] = [testUser(0), testUser(1)];
    for (const user of [first, first, second]) seen.push((await drive(client.ops[0]!, user)).json);
    expect(seen).toEqual(expected);
  });

  test("the probe trusts whom the calls trust", async () => {
    const server = await serve(stage.certificates.good.pem);
    const at = async (service: object) =>
      rest.probe(
        await resolveService(rest, "api", {
          host: `https://${server.address}`,
          endpoints: [{ path: "/" }],
          ...service,
        }),
        AbortSignal.timeout(3000),
      );
    const tls = { ca: stage.certificates.authority.cert };
    await at({ tls });
    await at({ tls, ready: "/" });
    await expect(at({})).rejects.toThrow(/cannot be reached: unable to verify/);
    await expect(at({ ready: "/" })).rejects.toThrow(/cannot be reached: unable to verify/);
  });
});
