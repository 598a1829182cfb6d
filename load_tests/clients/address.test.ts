import { describe, expect, test } from "vitest";
import { parseAddress, withoutLogin } from "./address.ts";

describe("an address", () => {
  test.each([
    ["localhost:8080", { secure: false, hostname: "localhost", port: 8080, authority: "localhost:8080", path: "" }],
    ["127.0.0.1:1", { hostname: "127.0.0.1", port: 1 }],
    ["localhost", { port: 80 }],
    ["http://api.example.com", { secure: false, port: 80, authority: "api.example.com:80" }],
    ["https://api.example.com/", { secure: true, port: 443, path: "" }],
    ["ws://h:1/base/", { secure: false, port: 1, path: "/base" }],
    ["WSS://h/a/b", { secure: true, port: 443, path: "/a/b" }],
    ["http://[::1]:50", { hostname: "::1", port: 50, authority: "[::1]:50" }],
    ["http://me:p%3Aw@h:1", { authority: "h:1", login: { user: "me", password: "p:w" } }],
    ["http://h:0", { port: 0 }],
  ])("%s", (text, expected) => {
    expect(parseAddress(text)).toMatchObject(expected);
  });

  test.each([
    "",
    "ftp://h",
    "grpc://h:1",
    "http://",
    "h:99999",
    "h:x",
    "http://h/?q=1",
    "http://h/#x",
    "a b",
    "http:// h",
    "http:/x",
    "/x",
    "$HOST:80",
    "http://{{env.X}}",
    "embeded",
    "Embedded",
  ])("is none: %j", (text) => {
    expect(parseAddress(text)).toBeUndefined();
  });

  test.each([
    ["http://me:secret@h:1/x@y", "http://h:1/x@y"],
    ["me:secret@h:1", "h:1"],
    ["http://h:1/x", "http://h:1/x"],
  ])("is shown without user and password: %s", (text, shown) => {
    expect(withoutLogin(text)).toBe(shown);
  });
});
