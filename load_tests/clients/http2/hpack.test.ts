import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HeaderDecoder } from "./hpack_decoder.ts";
import { encodeFields, encodeInteger } from "./hpack_encoder.ts";
import { type Field, STATIC_FIELDS } from "./static_fields.ts";

const LIST = 65_536;
const bytesOf = (hex: string): Buffer => Buffer.from(hex.replaceAll(/\s/g, ""), "hex");
const decode = (decoder: HeaderDecoder, bytes: Buffer): Field[] => {
  const fields = decoder.decode(bytes, 0, bytes.length);
  return fields.names().flatMap((name) => fields.all(name).map((value): Field => [name, value]));
};

const AUTHORITY: Field = [":authority", "www.example.com"];
const CUSTOM: Field = ["custom-key", "custom-value"];
const GET: Field = [":method", "GET"];
const NO_CACHE: Field = ["cache-control", "no-cache"];
const PRIVATE: Field = ["cache-control", "private"];
const DATE = (second: number): Field => ["date", `Mon, 21 Oct 2013 20:13:${second} GMT`];
const LOCATION: Field = ["location", "https://www.example.com"];
const GZIP: Field = ["content-encoding", "gzip"];
const COOKIE: Field = ["set-cookie", "foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1"];
const status = (code: string): Field => [":status", code];

/** A block, its fields, and the dynamic table after it. */
type Step = readonly [hex: string, fields: readonly Field[], table: readonly Field[]];

const requests = (first: string, second: string, third: string): Step[] => [
  [first, [GET, [":scheme", "http"], [":path", "/"], AUTHORITY], [AUTHORITY]],
  [second, [GET, [":scheme", "http"], [":path", "/"], AUTHORITY, NO_CACHE], [NO_CACHE, AUTHORITY]],
  [third, [GET, [":scheme", "https"], [":path", "/index.html"], AUTHORITY, CUSTOM], [CUSTOM, NO_CACHE, AUTHORITY]],
];
const responses = (first: string, second: string, third: string): Step[] => [
  [first, [status("302"), PRIVATE, DATE(21), LOCATION], [LOCATION, DATE(21), PRIVATE, status("302")]],
  [second, [status("307"), PRIVATE, DATE(21), LOCATION], [status("307"), LOCATION, DATE(21), PRIVATE]],
  [third, [status("200"), PRIVATE, DATE(22), LOCATION, GZIP, COOKIE], [COOKIE, GZIP, DATE(22)]],
];

describe("RFC 7541, Appendix C", () => {
  test.each<[string, number, Step[]]>([
    [
      "C.2.1",
      4096,
      [
        [
          "400a6375 73746f6d 2d6b6579 0d637573 746f6d2d 68656164 6572",
          [["custom-key", "custom-header"]],
          [["custom-key", "custom-header"]],
        ],
      ],
    ],
    ["C.2.2", 4096, [["040c2f73 616d706c 652f7061 7468", [[":path", "/sample/path"]], []]]],
    ["C.2.3", 4096, [["10087061 7373776f 72640673 65637265 74", [["password", "secret"]], []]]],
    ["C.2.4", 4096, [["82", [GET], []]]],
    [
      "C.3, requests",
      4096,
      requests(
        "82868441 0f777777 2e657861 6d706c65 2e636f6d",
        "828684be 58086e6f 2d636163 6865",
        "828785bf 400a6375 73746f6d 2d6b6579 0c637573 746f6d2d 76616c75 65",
      ),
    ],
    [
      "C.4, requests by Huffman's code",
      4096,
      requests(
        "82868441 8cf1e3c2 e5f23a6b a0ab90f4 ff",
        "828684be 5886a8eb 10649cbf",
        "828785bf 408825a8 49e95ba9 7d7f8925 a849e95b b8e8b4bf",
      ),
    ],
    [
      "C.5, responses, a table of 256 bytes",
      256,
      responses(
        "48033330 32580770 72697661 7465611d 4d6f6e2c 20323120 4f637420 32303133 2032303a 31333a32 3120474d 546e1768 74747073 3a2f2f77 77772e65 78616d70 6c652e63 6f6d",
        "48033330 37c1c0bf",
        "88c1611d 4d6f6e2c 20323120 4f637420 32303133 2032303a 31333a32 3220474d 54c05a04 677a6970 7738666f 6f3d4153 444a4b48 514b425a 584f5157 454f5049 55415851 57454f49 553b206d 61782d61 67653d33 3630303b 20766572 73696f6e 3d31",
      ),
    ],
    [
      "C.6, responses by Huffman's code",
      256,
      responses(
        "48826402 5885aec3 771a4b61 96d07abe 941054d4 44a82005 95040b81 66e082a6 2d1bff6e 919d29ad 171863c7 8f0b97c8 e9ae82ae 43d3",
        "4883640e ffc1c0bf",
        "88c16196 d07abe94 1054d444 a8200595 040b8166 e084a62d 1bffc05a 839bd9ab 77ad94e7 821dd7f2 e6c7b335 dfdfcd5b 3960d5af 27087f36 72c1ab27 0fb5291f 95873160 65c003ed 4ee5b106 3d5007",
      ),
    ],
  ])("%s", (_, size, steps) => {
    const decoder = new HeaderDecoder(LIST, size);
    for (const [hex, fields, table] of steps) {
      expect(decode(decoder, bytesOf(hex))).toEqual(fields);
      expect(decoder.entries()).toEqual(table);
    }
  });

  test.each([
    ["C.1.1: 10 in 5 bits", 10, 5, "0a"],
    ["C.1.2: 1337 in 5 bits", 1337, 5, "1f9a0a"],
    ["C.1.3: 42 in 8 bits", 42, 8, "2a"],
  ])("%s", (_, value, prefix, hex) => {
    expect(encodeInteger(value, prefix, 0).toString("hex")).toBe(hex);
  });

  test("the static table has 61 entries, in the RFC's order", () => {
    expect(STATIC_FIELDS).toHaveLength(61);
    expect([STATIC_FIELDS[0], STATIC_FIELDS[7], STATIC_FIELDS[60]]).toEqual([
      [":authority", ""],
      [":status", "200"],
      ["www-authenticate", ""],
    ]);
  });
});

describe("what RFC 7541 calls a decoding error", () => {
  test.each([
    ["2.3.3: an index of 0", "80"],
    ["2.3.3: an index beyond both tables", "be"],
    ["4.2: a change of the table's size after a field", "8220"],
    ["4.2, 6.3: a table larger than was agreed", "3fe21f"],
    ["5.1: a number that never ends", `ff${"80".repeat(20)}00`],
    ["5.1: a number too large", "ffffffffff7f"],
    ["5.2: a string longer than its block", "000561"],
    ["5.2: a block that ends before the value", "000161"],
    ["a block that ends within a number", "ff"],
  ])("%s", (_, hex) => {
    const bytes = bytesOf(hex);
    expect(() => new HeaderDecoder(LIST).decode(bytes, 0, bytes.length)).toThrow();
  });

  test("fields of more bytes than may be are refused, though their block is small", () => {
    const long = encodeFields([["a", "x".repeat(300)]]);
    const block = Buffer.concat([
      Buffer.from([0x40]),
      long.subarray(1),
      ...Array.from({ length: 250 }, () => Buffer.from([0xbe])),
    ]);
    expect(() => new HeaderDecoder(LIST).decode(block, 0, block.length)).toThrow("more than 65536 bytes");
  });
});

describe("the dynamic table", () => {
  const add = (name: string, value: string) =>
    Buffer.concat([Buffer.from([0x40]), encodeFields([[name, value]]).subarray(1)]);

  test("4.3: a smaller size lets the oldest go, and a size of 0 all", () => {
    const decoder = new HeaderDecoder(LIST);
    decode(decoder, Buffer.concat([add("a", "1"), add("b", "2")]));
    decode(decoder, Buffer.concat([encodeInteger(40, 5, 0x20)]));
    expect(decoder.entries()).toEqual([["b", "2"]]);
    decode(decoder, Buffer.from([0x20]));
    expect(decoder.entries()).toEqual([]);
  });

  test("4.4: a field larger than the table empties it", () => {
    const decoder = new HeaderDecoder(LIST, 100);
    decode(decoder, add("a", "1"));
    decode(decoder, add("b", "x".repeat(100)));
    expect(decoder.entries()).toEqual([]);
  });

  test("the same bytes mean something else once the table changed", () => {
    const decoder = new HeaderDecoder(LIST);
    decode(decoder, add("a", "1"));
    const newest = Buffer.from([0xbe]);
    expect(decode(decoder, newest)).toEqual([["a", "1"]]);
    expect(decode(decoder, newest)).toEqual([["a", "1"]]);
    decode(decoder, add("b", "2"));
    expect(decode(decoder, newest)).toEqual([["b", "2"]]);
  });
});

test("what our encoder writes our decoder reads", () => {
  const name = fc.stringMatching(/^[a-z0-9-]{1,20}$/);
  const value = fc.stringMatching(/^[ -~]{0,40}$/);
  fc.assert(
    fc.property(fc.uniqueArray(fc.tuple(name, value), { selector: ([key]) => key }), (fields) => {
      expect(decode(new HeaderDecoder(LIST), encodeFields(fields))).toEqual(fields);
    }),
  );
});

test("any bytes are read or refused, and nothing else", () => {
  const decoder = new HeaderDecoder(LIST);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (octets) => {
      const bytes = Buffer.from(octets);
      try {
        decoder.decode(bytes, 0, bytes.length);
      } catch (error) {
        expect((error as Error).constructor.name).toBe("ProtocolError");
      }
    }),
    { numRuns: 2000 },
  );
});
