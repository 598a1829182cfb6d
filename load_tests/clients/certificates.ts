/** For tests only: certificates of every sort, made by openssl in a temp folder. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A certificate and its key: paths, and `pem` as servers take them. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
  readonly pem: { readonly cert: Buffer; readonly key: Buffer };
}

export interface Certificates {
  /** The authority that signed all the others. */
  readonly authority: Certificate;
  /** For localhost and 127.0.0.1. */
  readonly good: Certificate;
  readonly expired: Certificate;
  /** For elsewhere.example. */
  readonly misnamed: Certificate;
  /** A client's. */
  readonly client: Certificate;
  /** Signed by itself: nobody's authority knows it. */
  readonly stranger: Certificate;
  remove(): void;
}

const EXTENSIONS = (names: string) => `subjectAltName=${names}\nbasicConstraints=CA:FALSE\n`;
const HERE = "DNS:localhost,IP:127.0.0.1";

/** Makes them all; a second or less. */
export function makeCertificates(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), "tenfold-tls-"));
  const openssl = (...words: string[]) => execFileSync("openssl", words, { cwd: folder, stdio: "pipe" });
  const read = (name: string): Certificate => {
    const cert = join(folder, `${name}.pem`);
    const key = join(folder, `${name}.key`);
    return { cert, key, pem: { cert: readFileSync(cert), key: readFileSync(key) } };
  };
  const newKey = (name: string) => [
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:P-256",
    "-nodes",
    "-keyout",
    `${name}.key`,
  ];
  const selfSigned = (name: string, names: string[]) => {
    openssl("req", "-x509", ...newKey(name), "-out", `${name}.pem`, "-subj", `/CN=${name}`, "-days", "2", ...names);
    return read(name);
  };
  const signed = (name: string, names: string, days = "2") => {
    openssl("req", ...newKey(name), "-out", `${name}.csr`, "-subj", `/CN=${name}`);
    writeFileSync(join(folder, "extensions"), EXTENSIONS(names));
    const by = ["-CA", "authority.pem", "-CAkey", "authority.key", "-CAcreateserial", "-extfile", "extensions"];
    openssl("x509", "-req", "-in", `${name}.csr`, ...by, "-out", `${name}.pem`, "-days", days);
    return read(name);
  };
  return {
    authority: selfSigned("authority", []),
    good: signed("good", HERE),
    expired: signed("expired", HERE, "-1"),
    misnamed: signed("misnamed", "DNS:elsewhere.example"),
    client: signed("client", "DNS:client"),
    stranger: selfSigned("stranger", ["-addext", `subjectAltName=${HERE}`]),
    remove: () => rmSync(folder, { recursive: true }),
  };
}
