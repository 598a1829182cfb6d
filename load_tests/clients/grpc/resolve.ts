/** Turns a gRPC service of the config into a Service; every mistake is reported before anything is sent. */
import type { Service } from "../../core/model.ts";
import type { Resolver } from "../../core/plugin.ts";
import { resolveTls, type TlsSettings } from "../tls.ts";
import { parseAddress } from "./address.ts";
import { type Draft, draftsOf } from "./drafts.ts";
import { checkMetadata, resolveEndpoint, unchecked } from "./endpoint.ts";
import { loadProtos, type Protos, readDescriptors } from "./protos.ts";
import { HEALTH_CHECK, ROLES } from "./roles.ts";
import type { RawService } from "./schema.ts";

/** `Service.settings` of a gRPC service. */
export interface ServiceSettings {
  /** Absolute paths. */
  readonly protos: readonly string[];
  readonly includeDirs: readonly string[];
  /** The config as written, where the service itself is yet to be asked what it means; else null. */
  readonly asks: RawService | null;
  /** What the service said: a FileDescriptorSet in base64; null where proto files say it. */
  readonly descriptors: string | null;
  /** Sent with every call. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly channels: number | "per_user";
  /** Null: in the clear, unless the address says grpcs. */
  readonly tls: TlsSettings | null;
  readonly compression: RawService["compression"];
  /** Bytes. */
  readonly maxMessageSize: number;
}

/** Descriptors are those of a service that was asked for them; without them one with `reflection` is not checked yet. */
export async function resolveService(
  name: string,
  raw: RawService,
  at: Resolver,
  descriptors: Buffer | null = null,
): Promise<Service> {
  const embedded = raw.host === "embedded";
  if (!embedded && parseAddress(raw.host) === null)
    at.issue(["host"], `expected host:port, grpc://host:port, grpcs://host:port or embedded, found ${raw.host}`);
  checkMetadata(raw.metadata, ["metadata"], at);
  const role = ROLES[raw.role ?? name] ?? null;
  const drafts = draftsOf(raw, role, at);
  if (drafts.length === 0 && raw.methods === undefined && !at.open)
    at.issue(
      [],
      `expected calls, or a role (${Object.keys(ROLES).join(", ")}) as the name or under role, found neither`,
    );
  const settings = { ...settingsOf(raw, drafts, at), descriptors: descriptors?.toString("base64") ?? null };
  const asks = reflects(raw) && descriptors === null;
  const protos = asks ? null : await load(settings, raw, at);
  const around = { service: name, metadata: raw.metadata, at };
  const endpointsOf = (draft: Draft) => {
    if (asks) return unchecked(draft, around);
    return protos === null ? [] : (resolveEndpoint(draft, { ...around, protos }) ?? []);
  };
  return {
    name,
    protocol: "grpc",
    role: role === null ? null : (raw.role ?? name),
    host: raw.host,
    embedded,
    standIn: raw.embedded,
    weight: raw.weight,
    timeout: raw.timeout,
    connectTimeout: raw.connect_timeout,
    waitForReady: raw.wait_for_ready,
    driver: raw.driver ?? "fast",
    endpoints: drafts.flatMap(endpointsOf),
    settings: { ...settings, asks: asks ? raw : null },
  };
}

/** A stand-in cannot be asked: it plays what proto files say. */
const reflects = ({ reflection, host }: RawService): boolean => reflection && host !== "embedded";

const protosOf = ({ proto }: RawService): readonly string[] => (proto === undefined ? [] : [proto].flat());

function settingsOf(
  raw: RawService,
  drafts: readonly Draft[],
  at: Resolver,
): Omit<ServiceSettings, "asks" | "descriptors"> {
  const kinds = { proto: "file", include_dirs: "folder" } as const;
  const files = (key: keyof typeof kinds, names: readonly string[]) =>
    names
      .map((each, index) => at.file(Array.isArray(raw[key]) ? [key, index] : [key], each, kinds[key]))
      .filter((file) => file !== null);
  const written = protosOf(raw);
  if (raw.reflection && written.length > 0) at.issue(["reflection"], "expected reflection or proto, found both");
  const named = [...files("proto", written), ...healthProto(drafts)];
  const protos = written.length > 0 ? named : reflects(raw) ? [] : shippedProtos(drafts, at);
  return {
    protos: [...new Set(protos)],
    includeDirs: files("include_dirs", raw.include_dirs),
    metadata: raw.metadata,
    channels: raw.channels,
    tls: tlsOf(raw, at),
    compression: raw.compression,
    maxMessageSize: raw.max_message_size,
  };
}

/** A bare host:port speaks TLS where `tls` is there; a stand-in speaks in the clear, whatever the service itself does. */
function tlsOf({ tls, host }: RawService, at: Resolver): TlsSettings | null {
  const settings = resolveTls(tls, !/^grpc:\/\//.test(host), at);
  return host === "embedded" ? null : settings;
}

/** Beside the protos of a service, as the health check is none of its own. */
const healthProto = (drafts: readonly Draft[]): string[] =>
  drafts.flatMap(({ known, method }) => (method === HEALTH_CHECK ? (known?.proto ?? []) : []));

const shippedProtos = (drafts: readonly Draft[], at: Resolver): string[] =>
  drafts.flatMap(({ known, method, at: path }) => {
    if (known !== null) return [known.proto];
    at.issue([...path, "method"], `expected proto: the file that defines ${method}, beside calls, found none`);
    return [];
  });

/** Null where files are missing or wrong, which is reported, or where there is none. */
async function load(
  { protos, includeDirs, descriptors }: Pick<ServiceSettings, "protos" | "includeDirs" | "descriptors">,
  raw: RawService,
  at: Resolver,
): Promise<Protos | null> {
  if (descriptors !== null) return readReflected(descriptors, at);
  if (protos.length === 0 || protos.length < protosOf(raw).length) return null;
  try {
    return await loadProtos(protos, includeDirs);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    at.issue(["proto"], `expected proto files whose imports are found beside them or under include_dirs: ${why}`);
    return null;
  }
}

function readReflected(descriptors: string, at: Resolver): Protos | null {
  try {
    return readDescriptors(descriptors);
  } catch (error) {
    at.issue(["reflection"], `expected a service that defines all that it uses, found: ${(error as Error).message}`);
    return null;
  }
}
