import { once } from "node:events";
import { createServer, type TlsOptions } from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addressOf } from "./address.ts";
import { type Certificates, makeCertificates } from "./certificates.ts";
import { testResolver } from "./contract_driver.ts";
import { listening } from "./loopback.ts";
import { connectedEvent, openSocket } from "./socket.ts";
import { type RawTls, resolveTls, secureOptions, tlsSchema } from "./tls.ts";

let certificates: Certificates;
beforeAll(() => {
  certificates = makeCertificates();
});
afterAll(() => certificates.remove());

/** The error's code met on the way to a server, or null where it was trusted. */
async function meet(server: TlsOptions, tls: Partial<RawTls> = {}): Promise<string | null> {
  const listened = await listening(createServer(server, (socket) => socket.on("error", () => {}).write("hello")));
  const at = testResolver();
  const settings = resolveTls(tlsSchema.parse(tls), true, at);
  expect(at.issues).toEqual([]);
  const address = addressOf({ name: "x", host: `https://${listened.address}` });
  const socket = openSocket(address, secureOptions(settings));
  try {
    await once(socket, connectedEvent(address));
    await once(socket, "data");
    return null;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  } finally {
    socket.destroy();
    await listened.close();
  }
}

describe("a server is trusted", () => {
  const authority = () => ({ ca: certificates.authority.cert });
  test.each([
    ["with a certificate of our own authority", "good", authority, null],
    ["not without that authority", "good", () => ({}), "UNABLE_TO_VERIFY_LEAF_SIGNATURE"],
    ["not by its own word", "stranger", authority, "DEPTH_ZERO_SELF_SIGNED_CERT"],
    ["not once its certificate has expired", "expired", authority, "CERT_HAS_EXPIRED"],
    ["not under another name", "misnamed", authority, "ERR_TLS_CERT_ALTNAME_INVALID"],
    [
      "under the name that the config says",
      "misnamed",
      () => ({ ...authority(), server_name: "elsewhere.example" }),
      null,
    ],
    [
      "not under another name than the config says",
      "good",
      () => ({ ...authority(), server_name: "elsewhere.example" }),
      "ERR_TLS_CERT_ALTNAME_INVALID",
    ],
    ["whatever it shows, with verify: false", "expired", () => ({ verify: false }), null],
  ] as const)("%s", async (_name, which, tls, code) => {
    expect(await meet(certificates[which].pem, tls())).toBe(code);
  });
});

test("a server that asks for our certificate gets it, and turns away who has none", async () => {
  const { authority, good, client } = certificates;
  const server = { ...good.pem, ca: authority.pem.cert, requestCert: true, rejectUnauthorized: true };
  const ca = authority.cert;
  expect(await meet(server, { ca, cert: client.cert, key: client.key })).toBeNull();
  expect(await meet(server, { ca })).toBe("ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED");
});

test.each([
  ["a plain address", { server_name: "x" }, false, ["tls: expected an address with TLS"]],
  ["a certificate without its key", { cert: "good" }, true, ["tls: expected cert and key together"]],
  ["a file that holds none", { ca: "package.json" }, true, ["tls.ca: expected a file with PEM"]],
])(
  "%s is a mistake of the config",
  (_name, raw: { cert?: string; ca?: string; server_name?: string }, secure, sentences) => {
    const at = testResolver();
    const cert = raw.cert === undefined ? {} : { cert: certificates.good.cert };
    resolveTls(tlsSchema.parse({ ...raw, ...cert }), secure, at);
    expect(at.issues).toHaveLength(sentences.length);
    for (const [i, sentence] of sentences.entries()) expect(at.issues[i]).toContain(sentence);
  },
);

test("nothing said is nothing asked, and the well-known authorities are trusted", () => {
  expect(resolveTls(undefined, false, testResolver())).toBeNull();
  expect(Object.keys(secureOptions(null))).toEqual(["secureContext"]);
});
