import { loadSync, type MethodDefinition } from "@grpc/proto-loader";
import fc from "fast-check";
import { expect, test } from "vitest";
import { echoProto } from "./fixture.ts";
import { hasContent } from "./wire.ts";

const echo = loadSync(echoProto, { keepCase: true })["demo.echo.Echo"] as Record<
  string,
  MethodDefinition<object, object>
>;
const { requestSerialize: encode } = echo.Say!;

const words = fc.record(
  {
    user: fc.string(),
    number: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
    lines: fc.array(fc.string()),
    tone: fc.constantFrom("CALM", "LOUD"),
    audio: fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    big: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
    quiet: fc.boolean(),
    level: fc.double(),
  },
  { requiredKeys: [] },
);

test("content is found in a message exactly where its field is not empty", () => {
  fc.assert(
    fc.property(words, (message) => {
      const bytes = encode(message);
      expect(hasContent(bytes, 1)).toBe((message.user ?? "") !== "");
      expect(hasContent(bytes, 3)).toBe((message.lines ?? []).some((line) => line !== ""));
      expect(hasContent(bytes, 6)).toBe((message.audio?.length ?? 0) > 0);
      expect(hasContent(bytes, 2)).toBe(false);
    }),
  );
});

test("any bytes at all are looked through without an error and without end", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.integer({ min: 1, max: 20 }), (bytes, field) => {
      expect(typeof hasContent(bytes, field)).toBe("boolean");
    }),
  );
});

test.each([
  ["an empty message", []],
  ["a length beyond the end", [0x0a, 0x05, 0x61]],
  ["a length that is cut off", [0x0a, 0xff]],
  ["a kind that does not exist", [0x0f, 0x01]],
])("%s has no content", (_, bytes) => {
  expect(hasContent(Uint8Array.from(bytes), 1)).toBe(false);
});
