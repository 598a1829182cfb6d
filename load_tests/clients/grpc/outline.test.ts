import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { outlineOfProto } from "./outline.ts";

const folder = mkdtempSync(join(tmpdir(), "tenfold-outline-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("A proto file is outlined: each method, its plain fields filled, one of each oneof, and whether its name says that it only reads", async () => {
  const file = join(folder, "shop.proto");
  writeFileSync(
    file,
    `syntax = "proto3";
package shop;
enum Kind { NONE = 0; BOOK = 1; }
message Id { string id = 1; int64 n = 2; Kind kind = 3; repeated Id more = 4; optional bool flag = 5; Id inner = 6; }
message One { oneof o { string a = 1; int32 b = 2; } }
message Two {
  oneof first { Id id = 3; string name = 1; }
  bool sure = 4;
  oneof second { bytes raw = 5; double ratio = 6; }
  optional string note = 7;
}
service Catalog {
  rpc GetProduct(Id) returns (One);
  rpc Search(One) returns (stream Id);
  rpc Delete(Id) returns (Id);
  rpc GetAll(stream Id) returns (Id);
  rpc Pick(Two) returns (Id);
}`,
  );
  const message = { id: "{{random.word}}", n: "{{random.int 1 100}}", kind: "NONE", flag: true };
  expect(await outlineOfProto(file)).toEqual([
    { method: "shop.Catalog/GetProduct", message, reads: true },
    { method: "shop.Catalog/Search", message: { a: "{{random.word}}" }, reads: true },
    { method: "shop.Catalog/Delete", message, reads: false },
    { method: "shop.Catalog/GetAll", message, reads: false },
    {
      method: "shop.Catalog/Pick",
      message: { id: message, sure: true, ratio: "{{random.int 1 100}}", note: "{{random.word}}" },
      reads: false,
    },
  ]);
});
