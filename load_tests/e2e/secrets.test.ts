/** A canary in every place that may hold a secret; then the whole folder and the console are searched for it. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { serve } from "./service.ts";
import { emptyFolder, runFolder, tenfold, writeConfig } from "./tenfold.ts";

const CANARY = "canary-Zx81!/+~q";
const TOKEN = "token-from-the-login-7f3a";

test("no secret reaches a report, a log, a plan or a message, though the service throws them all back", async () => {
  const service = await serve((request, response) => {
    if (request.url?.startsWith("/login")) {
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ access_token: TOKEN }));
      return;
    }
    const said = `${request.url} ${JSON.stringify(request.headers)} ${decodeURIComponent(request.url ?? "")}`;
    response.writeHead(500, said.includes(TOKEN) ? "Broken" : "Odd").end(said);
  });
  const cwd = emptyFolder();
  const config = writeConfig(
    cwd,
    `
services:
  rest:
    login: { host: "${service.url}", auth: { login: { path: /login, query: { password: "\${CANARY}" }, token: $.access_token } }, endpoints: [ { path: "/p?key=\${CANARY}" } ] }
    bearer: { host: "${service.url}", auth: { bearer: "\${CANARY}" }, headers: { X-Any: "\${CANARY}" }, endpoints: [ { path: /q, query: { q: "\${CANARY}" }, json: { password: "${CANARY}" }, method: POST } ] }
    basic: { host: "${service.url}", auth: { basic: { user: u, password: "\${CANARY}" } }, endpoints: [ { path: /r, headers: { cookie: "${CANARY}" } } ] }
    template: { host: "${service.url}", headers: { api-key: "{{env.CANARY}}" }, endpoints: [ { path: /t } ] }
scenarios: { s: { users: 8, think_time: 100ms, duration: 2s, description: "quiet" } }
`,
  );
  const env = { CANARY };
  const ran = await tenfold(["--config", config], cwd, env);
  const planned = await tenfold(["validate", config], cwd, env);
  await service.close();
  expect(ran.code).toBe(99);
  expect(service.counts.get("POST /login")).toBeGreaterThan(0);
  const folder = runFolder(cwd, "s");
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const texts = files.map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"));
  const forms = [
    CANARY,
    encodeURIComponent(CANARY),
    Buffer.from(CANARY).toString("base64"),
    Buffer.from(`u:${CANARY}`).toString("base64"),
    TOKEN,
  ];
  expect(texts.length).toBeGreaterThan(6);
  for (const text of [...texts, ran.stdout, ran.stderr, planned.stdout, planned.stderr])
    for (const form of forms) expect(text.includes(form)).toBe(false);
  expect(texts.join()).toContain("***");
});
