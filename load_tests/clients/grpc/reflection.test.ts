import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  Metadata,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServiceDefinition,
  status as Status,
} from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { afterEach, describe, expect, test } from "vitest";
import type { Service } from "../../core/model.ts";
import { deadAddress, drive, testResolver, testUser } from "../contract.ts";
import { echoProto } from "./fixture.ts";
import { grpc } from "./index.ts";
import { outlineOfServer } from "./outline.ts";
import { piece, piecesOf } from "./wire.ts";

const formsProto = fileURLToPath(new URL("./fixtures/forms.proto", import.meta.url));
const OPTIONS = { keepCase: true, longs: String, enums: String, defaults: true, oneofs: true } as const;
const loaded = { ...loadSync(echoProto, OPTIONS), ...loadSync(formsProto, OPTIONS) };

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/**
 * The files as protoc has them: `protoc --include_imports --descriptor_set_out=protos.protoset echo.proto forms.proto`.
 */
const files = new Map(
  piecesOf(readFileSync(new URL("./fixtures/protos.protoset", import.meta.url)), 1).map((file) => [
    String(piecesOf(file, 1)[0]),
    file,
  ]),
);

/** How a service reflects. */
interface Reflects {
  readonly version: "v1" | "v1alpha" | null;
  /** Gives the imports along with the file that was asked for. */
  readonly generous?: boolean;
  /** Asks for this metadata. */
  readonly token?: string;
  readonly withholds?: string;
}

/** Plays reflection by hand, from the bytes that protoc would have made. */
function reflectionOf({ version, generous, token, withholds }: Reflects): [ServiceDefinition, object] {
  const path = `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`;
  const bytes = { serialize: (message: Buffer) => message, deserialize: (message: Buffer) => message };
  const definition = {
    ServerReflectionInfo: {
      path,
      requestStream: true,
      responseStream: true,
      requestSerialize: bytes.serialize,
      requestDeserialize: bytes.deserialize,
      responseSerialize: bytes.serialize,
      responseDeserialize: bytes.deserialize,
    },
  };
  const answerTo = (request: Buffer): Buffer => {
    const [symbol] = piecesOf(request, 4).map(String);
    const [name] = piecesOf(request, 3).map(String);
    if (piecesOf(request, 7).length > 0)
      return piece(
        6,
        Buffer.concat(["demo.echo.Echo", "demo.forms.Forms"].map((each) => piece(1, piece(1, Buffer.from(each))))),
      );
    const wanted =
      symbol === undefined
        ? files.get(name!)
        : [...files.values()].find((file) =>
            piecesOf(file, 6).some((each) => symbol === `${piecesOf(file, 2)[0]}.${piecesOf(each, 1)[0]}`),
          );
    if (wanted === undefined || (name !== undefined && name === withholds))
      return piece(7, piece(2, Buffer.from(`not found: ${symbol ?? name}`)));
    return piece(4, Buffer.concat((generous ? [wanted, ...files.values()] : [wanted]).map((file) => piece(1, file))));
  };
  const info = (call: ServerDuplexStream<Buffer, Buffer>) => {
    const [given] = call.metadata.get("authorization");
    if (token !== undefined && given !== token)
      return call.emit("error", { code: Status.UNAUTHENTICATED, details: "who are you", metadata: new Metadata() });
    return call.on("data", (request) => call.write(answerTo(request))).on("end", () => call.end());
  };
  return [definition as unknown as ServiceDefinition, { ServerReflectionInfo: info }];
}

/** A service that takes and gives bytes as they are. */
const inBytes = (name: string): ServiceDefinition =>
  Object.fromEntries(
    Object.entries(loaded[name] as unknown as ServiceDefinition).map(([method, definition]) => [
      method,
      { ...definition, requestDeserialize: (bytes: Buffer) => bytes, responseSerialize: (bytes: Buffer) => bytes },
    ]),
  );

async function serve(reflects: Reflects): Promise<string> {
  const server = new Server();
  const say = (call: { request: Buffer }, done: (error: null, answer: Buffer) => void) => done(null, call.request);
  server.addService(inBytes("demo.echo.Echo"), { Say: say });
  server.addService(inBytes("demo.forms.Forms"), { Echo: say });
  if (reflects.version !== null) server.addService(...(reflectionOf(reflects) as [ServiceDefinition, never]));
  closing.push(() => server.forceShutdown());
  const port = await new Promise<number>((done, fail) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, at) =>
      error ? fail(error) : done(at),
    );
  });
  return `127.0.0.1:${port}`;
}

const call = {
  method: "demo.echo.Echo/Say",
  message: { user: "{{user.id}}", tone: "LOUD", at: "2026-01-01T00:00:00Z" },
};

const FORM = {
  took: "1.500s",
  names: { "7": "a" },
  sizes: [1, 2],
  data: { a: [1, { b: null }] },
  value: { c: "d" },
  spans: { long: "3600s" },
  forms: { "1": { user_name: "u", forms: { "2": {} } } },
  any: { "@type": "type.googleapis.com/demo.forms.Form", names: { "-1": "b" }, data: { e: true } },
};

async function settled(host: string, config: object = {}): Promise<{ service: Service; issues: string[] }> {
  const at = testResolver();
  const raw = grpc.schema.parse({ host, reflection: true, calls: [call], ...config });
  const before = await grpc.resolve("shop", raw, at);
  expect(at.issues).toEqual([]);
  return { service: await grpc.settle!(before, at, AbortSignal.timeout(5000)), issues: at.issues };
}

test("a service with reflection is outlined, and one without says so", async () => {
  const host = await serve({ version: "v1alpha" });
  const methods = await outlineOfServer(`grpc://${host}`, AbortSignal.timeout(5000));
  expect(methods.map(({ method }) => method)).toContain("demo.forms.Forms/Echo");
  expect(methods.every(({ method }) => method.startsWith("demo."))).toBe(true);
  const bare = await serve({ version: null });
  await expect(outlineOfServer(bare, AbortSignal.timeout(5000))).rejects.toThrow(/expected a service with reflection/);
});

describe("a service with reflection is called without proto files", () => {
  test.each<[string, Reflects]>([
    ["v1", { version: "v1" }],
    ["v1alpha", { version: "v1alpha" }],
    ["v1, imports given unasked", { version: "v1", generous: true }],
  ])("%s", async (_, reflects) => {
    const forms = { method: "demo.forms.Forms/Echo", message: FORM };
    const { service, issues } = await settled(await serve(reflects), { calls: [call, forms] });
    expect(issues).toEqual([]);
    expect(JSON.parse(JSON.stringify(service))).toEqual(service);
    const client = await grpc.open(service, { drive: "users", secret: () => {} });
    closing.push(() => client.close());
    expect(await drive(client.ops[0]!, testUser(3))).toMatchObject({
      outcome: "ok",
      json: { user: "user-3", tone: "LOUD", at: "2026-01-01T00:00:00Z" },
    });
    expect((await drive(client.ops[1]!, testUser(3))).json).toMatchObject(FORM);
  });

  test("the service's metadata goes with the question", async () => {
    const { issues } = await settled(await serve({ version: "v1", token: "let me in" }), {
      metadata: { authorization: "let me in", "x-user": "{{user.id}}" },
    });
    expect(issues).toEqual([]);
  });

  test("a service that has proto files is not asked", async () => {
    const service = await grpc.resolve("tts", grpc.schema.parse({ host: "localhost:1" }), testResolver());
    expect(await grpc.settle!(service, testResolver(), AbortSignal.timeout(100))).toBe(service);
  });
});

describe("mistakes are told with their place once the service is there", () => {
  test.each<[string, Reflects, object, string]>([
    [
      "a field that the message has not",
      { version: "v1" },
      { calls: [{ ...call, message: { usr: "a" } }] },
      "calls.0.message.usr: demo.echo.Words has no field usr; the nearest is user",
    ],
    [
      "a method that the service has not",
      { version: "v1" },
      { calls: [{ method: "demo.echo.Echo/Sey" }] },
      "calls.0.method: expected package.Service/Method as the service itself defines it, found demo.echo.Echo/Sey; the nearest is demo.echo.Echo/Say",
    ],
    [
      "a service that is not there",
      { version: "v1" },
      { calls: [{ method: "demo.Echo/Say" }] },
      "reflection: expected a service that it has, found demo.Echo; it has demo.echo.Echo, demo.forms.Forms (not found: demo.Echo)",
    ],
    ["no reflection at all", { version: null }, {}, "reflection: expected a service with reflection, found none at"],
    [
      "an import that it does not give",
      { version: "v1", withholds: "google/protobuf/timestamp.proto" },
      {},
      "reflection: expected the service to give google/protobuf/timestamp.proto, which its files import",
    ],
  ])("%s", async (_, reflects, config, sentence) => {
    const { issues } = await settled(await serve(reflects), config);
    expect(issues).toHaveLength(1);
    expect(issues[0]).toContain(sentence);
  });

  test("a service that does not let us ask, or is gone, cannot be asked", async () => {
    await expect(settled(await serve({ version: "v1", token: "secret" }))).rejects.toThrow("who are you");
    await expect(settled(await deadAddress())).rejects.toThrow("ECONNREFUSED");
  });

  test("before that, what needs no proto is checked: metadata, templates, checks, and reflection beside proto", async () => {
    const issuesOf = async (config: object) => {
      const at = testResolver();
      await grpc.resolve("shop", grpc.schema.parse({ host: "localhost:1", reflection: true, ...config }), at);
      return at.issues;
    };
    expect(await issuesOf({ calls: [{ ...call, message: { user: "{{usr.id}}" } }] })).toHaveLength(1);
    expect(await issuesOf({ calls: [{ ...call, metadata: { "grpc-x": "1" } }] })).toHaveLength(1);
    expect(await issuesOf({ proto: echoProto, calls: [call] })).toEqual([
      "reflection: expected reflection or proto, found both",
    ]);
  });
});
