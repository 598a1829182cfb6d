import { expect, test } from "vitest";
import { emptyFolder, start, tenfold } from "./tenfold.ts";

test("the stand-ins run alone until a signal; a second set on the same ports says which port is taken", async () => {
  const first = start(["targets"], emptyFolder());
  await first.seen(/websocket\s+ws:/);
  const second = await tenfold(["targets"], emptyFolder());
  first.child.kill("SIGTERM");
  expect(second.code).toBe(104);
  expect(second.stderr).toMatch(/50051/);
  expect(second.stderr).not.toMatch(/\n\s+at /);
  expect((await first.ended).code).toBe(0);
});
