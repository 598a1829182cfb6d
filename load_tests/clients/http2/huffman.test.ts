import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { huffmanDecode, huffmanEncode, huffmanLength } from "./huffman.ts";

const decode = (hex: string): string => {
  const bytes = Buffer.from(hex.replaceAll(" ", ""), "hex");
  return huffmanDecode(bytes, 0, bytes.length);
};

describe("strings of RFC 7541, Appendix C, both ways", () => {
  test.each([
    ["f1e3 c2e5 f23a 6ba0 ab90 f4ff", "www.example.com"],
    ["a8eb 1064 9cbf", "no-cache"],
    ["25a8 49e9 5ba9 7d7f", "custom-key"],
    ["25a8 49e9 5bb8 e8b4 bf", "custom-value"],
    ["6402", "302"],
    ["aec3 771a 4b", "private"],
    ["d07a be94 1054 d444 a820 0595 040b 8166 e082 a62d 1bff", "Mon, 21 Oct 2013 20:13:21 GMT"],
    ["9d29 ad17 1863 c78f 0b97 c8e9 ae82 ae43 d3", "https://www.example.com"],
    ["9bd9 ab", "gzip"],
    ["", ""],
  ])("%s is %s", (hex, text) => {
    expect(decode(hex)).toBe(text);
    expect(huffmanEncode(text).toString("hex")).toBe(hex.replaceAll(" ", ""));
  });
});

test("every text of octets comes back, in as many bytes as were foretold", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (octets) => {
      const text = Buffer.from(octets).toString("latin1");
      const bytes = huffmanEncode(text);
      expect(bytes.length).toBe(huffmanLength(text));
      expect(huffmanDecode(bytes, 0, bytes.length)).toBe(text);
    }),
  );
});

describe("what RFC 7541 5.2 calls a decoding error", () => {
  test.each([
    ["padding of more than 7 bits", "ff"],
    ["padding of more than 7 bits after a character", "1fff"],
    ["padding that is not the beginning of EOS", "00"],
    ["EOS in the string", "fffffffffc"],
    ["an end within a character", "3030 91ff ffff ffc8"],
  ])("%s", (_, hex) => {
    expect(() => decode(hex)).toThrow("header string");
  });
});
