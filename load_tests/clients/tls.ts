/** TLS as a service's config says it: whom to trust, and who we are. */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { type ConnectionOptions, createSecureContext } from "node:tls";
import { z } from "zod";
import type { Resolver } from "../core/plugin.ts";

export const tlsSchema = z.strictObject({
  verify: z.boolean().default(true).describe("false takes any certificate"),
  ca: z.string().optional().describe("File (PEM) of the authorities to trust, instead of the well-known ones"),
  cert: z.string().optional().describe("File (PEM) of our own certificate"),
  key: z.string().optional().describe("File (PEM) of its key"),
  server_name: z.string().min(1).optional().describe("The name that its certificate must have, where not the host's"),
});
export type RawTls = z.output<typeof tlsSchema>;

/** Files by their absolute paths. */
export interface TlsSettings {
  readonly verify: boolean;
  readonly ca: string | null;
  readonly cert: string | null;
  readonly key: string | null;
  readonly serverName: string | null;
}

/** Null where nothing is said. Reports files that cannot be read or hold no certificate, and TLS for a plain address. */
export function resolveTls(raw: RawTls | undefined, secure: boolean, at: Resolver): TlsSettings | null {
  if (raw === undefined) return null;
  const file = (key: "ca" | "cert" | "key"): string | null =>
    raw[key] === undefined ? null : at.file(["tls", key], raw[key]);
  const settings = {
    verify: raw.verify,
    ca: file("ca"),
    cert: file("cert"),
    key: file("key"),
    serverName: raw.server_name ?? null,
  };
  const { verify: _, ...more } = raw;
  if (!secure && Object.values(more).some((each) => each !== undefined))
    at.issue(["tls"], "expected an address with TLS (https://, wss://, grpcs://) beside tls, found a plain one");
  if ((raw.cert === undefined) !== (raw.key === undefined))
    at.issue(["tls"], "expected cert and key together, found one of them");
  for (const key of ["ca", "cert", "key"] as const) {
    const problem = settings[key] === null ? null : problemOf(key, settings[key]);
    if (problem !== null) at.issue(["tls", key], problem);
  }
  return settings;
}

function problemOf(key: "ca" | "cert" | "key", file: string): string | null {
  try {
    const pem = readFileSync(file);
    if (key === "key") createPrivateKey(pem);
    else new X509Certificate(pem); // createSecureContext takes any file as authorities, and trusts none of it
    return null;
  } catch (error) {
    return `expected a file with PEM, found ${file} which cannot be used: ${(error as Error).message}`;
  }
}

/** What `tls.connect` is told; made once a client, as reading certificates is dear. Throws where a file cannot be read. */
export function secureOptions(settings: TlsSettings | null): ConnectionOptions {
  if (settings === null) return { secureContext: createSecureContext() };
  const files = Object.entries({ ca: settings.ca, cert: settings.cert, key: settings.key }).flatMap(([key, file]) =>
    file === null ? [] : [[key, readFileSync(file)]],
  );
  return {
    secureContext: createSecureContext(Object.fromEntries(files)),
    rejectUnauthorized: settings.verify,
    ...(settings.serverName === null ? {} : { servername: settings.serverName }),
  };
}
