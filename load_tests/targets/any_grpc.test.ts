import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { caller, type Settings, specOf, started } from "./fixture.ts";
import { startTargets } from "./start.ts";

const PROTO = `syntax = "proto3";
package shop;
import "money.proto";
service Catalog {
  rpc Get(GetRequest) returns (Product);
  rpc List(GetRequest) returns (stream Product);
  rpc Upload(stream GetRequest) returns (Product);
  rpc Talk(stream GetRequest) returns (stream Product);
}
service Other { rpc Ping(GetRequest) returns (GetRequest); }
message GetRequest { string id = 1; string kind = 2; repeated string tags = 3; Money price = 4; }
message Product { string name = 1; string id = 7; int32 kind = 3; repeated string tags = 4; Money price = 5; }
`;
const MONEY = `syntax = "proto3"; package shop; message Money { string currency = 1; int64 units = 2; }`;

function protos() {
  const folder = mkdtempSync(join(tmpdir(), "protos-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "shop.proto"), PROTO);
  writeFileSync(join(folder, "money.proto"), MONEY);
  return { file: join(folder, "shop.proto"), folder };
}

async function client(settings: Settings = { latency: 0 }, service = "shop.Catalog") {
  const { file, folder } = protos();
  const address = await started({ ...specOf("grpc", settings), protos: [file], includeDirs: [folder] });
  return caller(address, file, service);
}

const REQUEST = { id: "7", kind: "book", tags: ["a", "b"], price: { currency: "EUR", units: 12 } };
const COPIED = { id: "7", tags: ["a", "b"], price: { currency: "EUR", units: 12 } };

test("a unary method answers the fields that have the same name and type", async () => {
  expect(await (await client()).unary("Get", REQUEST)).toEqual(COPIED);
});

test("every service of the files is served", async () => {
  expect(await (await client({ latency: 0 }, "shop.Other")).unary("Ping", REQUEST)).toEqual(REQUEST);
});

test("a stream of answers has three messages", async () => {
  const { messages, error } = await (await client()).stream("List", [REQUEST]);
  expect({ messages, error }).toEqual({ messages: [COPIED, COPIED, COPIED], error: null });
});

test("a stream of requests is answered once, by its last", async () => {
  const { messages } = await (await client()).stream("Upload", [{ id: "1" }, { id: "2" }]);
  expect(messages).toEqual([expect.objectContaining({ id: "2" })]);
});

test("a stream of requests without any is answered by an empty message", async () => {
  const { messages, error } = await (await client()).stream("Upload", []);
  expect(error).toBeNull();
  expect(messages).toHaveLength(1);
});

test("streams both ways are echoed one by one", async () => {
  const { messages } = await (await client()).stream("Talk", [{ id: "1" }, { id: "2" }, { id: "3" }, { id: "4" }]);
  expect(messages.map(({ id }) => id)).toEqual(["1", "2", "3", "4"]);
});

test("a soft error is an OK with an empty message", async () => {
  const grpc = await client({ latency: 0, soft_error_rate: 1 });
  expect((await grpc.unary("Get", REQUEST)).id ?? "").toBe("");
  expect((await grpc.stream("List", [REQUEST])).messages).toHaveLength(1);
});

test.each(["Get", "List", "Upload", "Talk"])(
  "%s shows an error as INTERNAL and a limit as RESOURCE_EXHAUSTED",
  async (method) => {
    const failing = await (await client({ latency: 0, error_rate: 1 })).stream(method, [REQUEST]);
    expect(failing).toMatchObject({ messages: [], error: { code: 13 } });
    const limited = await (await client({ latency: 0, limit_rate: 1 })).stream(method, [REQUEST]);
    expect(limited).toMatchObject({ messages: [], error: { code: 8, details: "Rate limit exceeded" } });
  },
);

test("a proto that cannot be read is refused in a sentence that names it", async () => {
  const spec = { ...specOf("grpc"), protos: ["/nowhere/x.proto"] };
  await expect(startTargets([spec])).rejects.toThrow("expected a readable .proto file at /nowhere/x.proto");
});
