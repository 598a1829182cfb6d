import { expect, test } from "vitest";
import { issue, verify } from "./token.ts";

test("a token of ours names its user, as the type that it was issued for", () => {
  const token = issue({ sub: "ada", type: "access", roles: ["user"] }, 60);
  expect(verify(token, "access")).toMatchObject({ sub: "ada", roles: ["user"] });
  expect(verify(token, "refresh")).toBeNull();
});

test("a token that has expired is refused", () => {
  expect(verify(issue({ sub: "ada", type: "access" }, -1), "access")).toBeNull();
});

test("a token that was changed, or is none, is refused", () => {
  const [header, payload, signature] = issue({ sub: "ada", type: "access" }, 60).split(".") as [string, string, string];
  const forged = Buffer.from(JSON.stringify({ sub: "eve", type: "access", exp: 9e9 })).toString("base64url");
  const none = Buffer.from(JSON.stringify({ alg: "none" })).toString("base64url");
  for (const text of [`${header}.${forged}.${signature}`, `${none}.${forged}.`, `${header}.${payload}`, "x", ""])
    expect(verify(text, "access")).toBeNull();
});
