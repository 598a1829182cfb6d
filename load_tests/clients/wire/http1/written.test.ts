import { describe, expect, test } from "vitest";
import { addressOf } from "../../address.ts";
import { type HttpRequest, RequestHeaders } from "../request.ts";
import { mannerOf, written } from "./written.ts";

const at = (host: string) => mannerOf(addressOf({ host } as Parameters<typeof addressOf>[0]), true, null);
const here = at("http://here:8080");
const headers = new RequestHeaders(["accept", "*/*"]);
const GET: HttpRequest = { method: "GET", path: "/a", headers, body: null };

describe("a request in bytes", () => {
  test.each<[string, Partial<HttpRequest>, string, string | null]>([
    ["has no length without a body", {}, "GET /a HTTP/1.1|host: here:8080|connection: keep-alive|accept: */*||", null],
    [
      "has its body behind its head",
      { method: "PUT", body: "body" },
      "PUT /a HTTP/1.1|host: here:8080|connection: keep-alive|accept: */*|content-length: 4||body",
      null,
    ],
    [
      "has a body of other characters beside it",
      { method: "PUT", body: "ü" },
      "PUT /a HTTP/1.1|host: here:8080|connection: keep-alive|accept: */*|content-length: 2||",
      "ü",
    ],
  ])("%s", (_fact, more, text, body) => {
    const found = written({ ...GET, ...more }, here);
    expect(found.text.replaceAll("\r\n", "|")).toBe(text);
    expect(found.body?.toString() ?? null).toBe(body);
    expect(found.length).toBe(found.text.length + (found.body?.length ?? 0));
  });

  test("that is sent again is written once", () => {
    expect(written(GET, here)).toBe(written(GET, here));
  });

  test("is written anew for another address, and where anything of it is another", () => {
    const texts = (request: HttpRequest, manner = here) => written(request, manner).text;
    expect(texts(GET)).toContain("host: here:8080\r\n");
    expect(texts(GET, at("http://there"))).toContain("host: there\r\n");
    expect(texts({ ...GET, path: "/b" })).toContain("GET /b ");
    expect(texts({ ...GET, headers: headers.with("cookie", "a=b", "; ") })).toContain("cookie: a=b\r\n");
    expect(texts(GET)).not.toContain("cookie");
  });
});
