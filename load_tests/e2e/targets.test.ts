import { once } from "node:events";
import { createServer } from "node:net";
import { expect, test } from "vitest";
import { emptyFolder, tenfold } from "./tenfold.ts";

test("stand-ins whose port is taken say which, and nothing else is left running", async () => {
  const holder = createServer().listen(50051, "127.0.0.1");
  await Promise.race([once(holder, "listening"), once(holder, "error")]);
  const { code, stderr } = await tenfold(["targets"], emptyFolder());
  holder.close();
  expect(code).toBe(104);
  expect(stderr).toMatch(/50051/);
  expect(stderr).not.toMatch(/\n\s+at /);
});
