/** The shipped shop: its customers against its stand-in, which counts what comes. */
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { chiSquare, countedStandIn, countOf } from "./counted.ts";
import { emptyFolder, jsonReport, runFolder, start, tenfold } from "./tenfold.ts";

const SHOP = fileURLToPath(new URL("../../config/shop.yaml", import.meta.url));
const FAST = ["--config", SHOP, "--set", "workloads.customer.think_time=20ms"];

test("customers of the shop do the six things by their weights, and every checkout is of a cart that is full", async () => {
  const shop = await countedStandIn("shop");
  onTestFinished(() => shop.close());
  const cwd = emptyFolder();
  const flags = ["--scenario", "load", "-u", "20", "-r", "100", "-d", "3"];
  await tenfold([...FAST, ...flags], cwd, { FRONTEND_ADDR: shop.url.slice("http://".length) });
  const report = jsonReport(runFolder(cwd, "load"));
  const tasks = report.tasks!.map(({ metrics }) => metrics.task_duration!.count);
  expect(chiSquare(tasks, [1, 2, 10, 2, 3, 1])).toBeLessThan(20.52); // 5 degrees of freedom, 0.1 %
  expect(report.total.failures).toBe(0);
  const requests = (name: string) => report.endpoints.find((each) => each.name === name)!.requests;
  expect(requests("POST /cart/checkout")).toBe(countOf(shop, /^POST \/cart\/checkout$/));
  expect(requests("POST /cart/checkout")).toBeGreaterThan(0);
  expect(requests("POST /cart")).toBe(countOf(shop, /^POST \/cart$/));
  expect(requests("GET /product/:id")).toBe(countOf(shop, /^GET \/product\//));
  // A redirect of a cart that was filled leads to the cart, one of a currency to the front page.
  expect(requests("GET /cart") + requests("POST /cart")).toBe(countOf(shop, /^GET \/cart$/));
  const products = new Set([...shop.counts.keys()].filter((key) => key.startsWith("GET /product/")));
  expect(products.size).toBe(9);
});

test("by default USERS customers go on until they are stopped, once the front end is healthy", async () => {
  const cwd = emptyFolder();
  const run = start(FAST, cwd, { USERS: "3", RATE: "100" });
  await run.seen(/until stopped/);
  await run.seen(/users 3 /);
  run.child.kill("SIGINT");
  const { stdout } = await run.ended;
  expect(stdout).toMatch(/^shop: /);
  const report = jsonReport(runFolder(cwd, "shop"));
  expect(report).toMatchObject({ ended: "stopped", embedded: ["shop"] });
  expect(report.total.failures).toBe(0);
});
