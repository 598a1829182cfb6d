import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { emptyFolder, runFolder, tenfold } from "./tenfold.ts";

interface Asked {
  readonly port: number;
  readonly path: string;
  readonly headers: Record<string, unknown>;
  readonly body: Record<string, unknown>;
}

/** Functions on two ports, which keep what they were asked. */
async function functions() {
  const asked: Asked[] = [];
  const state = { open: 0, most: 0 };
  const servers = Array.from({ length: 2 }, () =>
    createServer((request, response) => {
      state.most = Math.max(state.most, ++state.open);
      const parts: Buffer[] = [];
      request.on("data", (part: Buffer) => parts.push(part));
      request.on("end", () => {
        const { port } = request.socket.address() as AddressInfo;
        const body = JSON.parse(Buffer.concat(parts).toString());
        asked.push({ port, path: request.url!, headers: { ...request.headers }, body });
        state.open--;
        response.writeHead(200, { "content-type": "application/json" }).end('{"ok":true,"input_bytes":7}');
      });
    }),
  );
  for (const server of servers) await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const urls = servers.map((server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  return {
    asked,
    state,
    urls,
    close: () => {
      for (const server of servers) {
        server.closeAllConnections();
        server.close();
      }
    },
  };
}

const RECORD_KEYS = [
  ...["run_id", "ts_utc", "request_index", "phase", "function_id", "base_url", "url", "latency_ms", "status_code"],
  ...["request_bytes", "response_bytes", "error", "response_json"],
];

const small = {
  IMAGE_INLINE_KB: "3",
  VIDEO_INLINE_KB: "4",
  TOTAL_REQUESTS_PER_URL: "20",
  WARMUP_REQUESTS_PER_URL: "3",
};

interface Figures {
  readonly latency_ms: { readonly mean: number };
  readonly bytes: { readonly request_mean: number; readonly response_mean: number };
  readonly http_status_counts: Record<string, number>;
}

interface Summary {
  /** By function, then by address. */
  readonly by_function_url: Record<string, Record<string, Figures>>;
}

describe("Functions, by the variables of an older tool", () => {
  let there: Awaited<ReturnType<typeof functions>>;
  const cwd = emptyFolder();
  let records: Record<string, unknown>[];
  let stderr: string;
  let summary: Summary;

  beforeAll(async () => {
    there = await functions();
    const [first, second] = there.urls;
    const env = {
      API_HEALTH_CHECK_URLS: `${first}, ${second}/`,
      IMAGE_FORMAT_CONVERTER_URLS: `${second}/image`,
      VIDEO_TRANSCODER_URLS: first!,
      ...{ ...small, CONCURRENCY: "4", REQUEST_PATH: "/run", RUN_ID: "007", OUT_DIR: "out/of" },
      ...{ AUTH_BEARER_TOKEN: "hush-hush-token", EXTRA_HEADERS_JSON: '{"X-Team":"blue-hush"}', VERIFY_TLS: "false" },
      ...{ IMAGE_MODE: "gcs", IMAGE_GCS_URI: "gs://bucket/a.png", VIDEO_TARGET_MS: "0", JITTER_S: "0.002" },
    };
    writeFileSync(
      join(cwd, ".env"),
      Object.entries(env)
        .map(([name, value]) => `${name}='${value}'\n`)
        .join(""),
    );
    const ended = await tenfold(["--format", "json,function-metadata"], cwd);
    stderr = ended.stderr;
    expect(`${ended.code} ${ended.stdout} ${ended.stderr}`).toMatch(/^(0|97) /);
    const lines = readFileSync(join(cwd, "out/of/results_007.jsonl"), "utf8").trim().split("\n");
    records = lines.map((line) => JSON.parse(line));
    summary = JSON.parse(readFileSync(join(cwd, "out/of/summary_007.json"), "utf8"));
  }, 60_000);
  afterAll(() => there.close());

  it("call each address exactly so often, one function after the other, a warm-up before each", () => {
    const order = there.asked.map(
      ({ port, body }) => `${"ping" in body ? "health" : "passes" in body ? "video" : "image"} ${port}`,
    );
    const runs = order.map((each) => each.split(" ")[0]).filter((each, i, all) => each !== all[i - 1]);
    expect(runs).toEqual(["health", "image", "video"]);
    const [first, second] = there.urls.map((url) => new URL(url).port);
    const count = (of: string) => order.filter((each) => each === of).length;
    expect([`health ${first}`, `health ${second}`, `image ${second}`, `video ${first}`].map(count)).toEqual([
      23, 23, 23, 23,
    ]);
    const phases = records.map(({ function_id, phase }) => `${function_id} ${phase}`);
    expect(phases.filter((each) => each === "api_health_check warmup")).toHaveLength(6);
    const health = order.slice(6, 46).map((each) => each.split(" ")[1]);
    expect(health.slice(0, 20).every((port) => port === health[0])).toBe(false);
    expect(there.state.most).toBeLessThanOrEqual(4);
  });

  it("are sent what each of them takes, with token and headers", () => {
    const bodies = (key: string) => there.asked.filter(({ body }) => key in body);
    for (const { path, headers } of there.asked) {
      expect(path).toMatch(/^(\/image)?\/run$/);
      expect(headers).toMatchObject({
        ...{ authorization: "Bearer hush-hush-token", "x-team": "blue-hush", "content-type": "application/json" },
      });
    }
    expect(bodies("ping")[0]!.body).toEqual({ ping: true, ts: expect.anything() });
    expect(bodies("gcs_uri")[0]!.body).toEqual({
      ...{ output_format: "webp", return_inline: false, gcs_uri: "gs://bucket/a.png" },
    });
    const { data, ...video } = bodies("passes")[0]!.body;
    expect(video).toEqual({ passes: 3, return_inline: false });
    expect(Buffer.from(String(data), "base64")).toHaveLength(4096);
  });

  it("leave a line a call with the keys that scripts read, and no secret", () => {
    expect(records).toHaveLength(92);
    for (const record of records) expect(Object.keys(record)).toEqual(RECORD_KEYS);
    expect(records.map(({ request_index }) => request_index)).toEqual([...records.keys()]);
    expect(records.at(-1)).toMatchObject({
      ...{ run_id: "007", phase: "measured", function_id: "video_transcoder", base_url: there.urls[0] },
      ...{ url: `${there.urls[0]}/run`, status_code: 200, error: null, response_json: { ok: true, input_bytes: 7 } },
    });
    expect(JSON.stringify(records)).not.toContain("hush");
  });

  it("are summed up by function and address", () => {
    expect(summary).toMatchObject({ run_id: "007", total_records: 92, measured_records: 80 });
    const urls = Object.entries(summary.by_function_url).map(([id, by]) => [id, Object.keys(by as object).sort()]);
    const [first, second] = there.urls;
    expect(Object.fromEntries(urls)).toEqual({
      api_health_check: [first, `${second}/`].sort(),
      image_format_converter: [`${second}/image`],
      video_transcoder: [first],
    });
    const figures = summary.by_function_url.video_transcoder![first!]!;
    expect(figures).toMatchObject({ count: 20, ok_count: 20, error_count: 0, http_status_counts: { "200": 20 } });
    expect(Object.keys(figures.latency_ms)).toEqual(["p50", "p95", "p99", "min", "max", "mean"]);
    expect(figures.bytes.request_mean).toBeGreaterThan(4096);
  });

  it("leave their metadata in the run's folder, by what their answers say of bytes, else by what was sent", () => {
    const metadata = JSON.parse(readFileSync(join(runFolder(cwd, "functions"), "function_metadata.json"), "utf8"));
    expect(Object.keys(metadata)).toEqual(["api_health_check", "image_format_converter", "video_transcoder"]);
    const { latency_ms, bytes } = summary.by_function_url.video_transcoder![there.urls[0]!]!;
    const { runtime_ms, ...rest } = metadata.video_transcoder;
    expect(runtime_ms).toBeCloseTo(latency_ms.mean, 2);
    const output = bytes.response_mean / 1e9;
    expect(rest).toEqual({ data_input_gb: 7e-9, data_output_gb: output, invocations_per_day: 20 });
  });

  it("say which config was chosen, and what was left out", () => {
    expect(stderr).toContain("API_HEALTH_CHECK_URLS is set: config/functions.yaml is used");
    expect(stderr).toContain("left out: crypto_key_gen, which has no address");
  });

  it("never overwrite what a run of that name left", async () => {
    const ended = await tenfold([], cwd);
    expect(ended.code).toBe(104);
    expect(ended.stderr).toContain("results_007.jsonl is there already");
  });
});

describe("Functions without addresses", () => {
  it("are played by stand-ins, and refuse what is too large", async () => {
    const cwd = emptyFolder();
    const config = join(import.meta.dirname, "../../config/functions.yaml");
    const env = { ...small, TOTAL_REQUESTS_PER_URL: "6", IMAGE_INLINE_KB: "100", MAX_INLINE_MB: "0.05", RUN_ID: "r" };
    const { code, stderr } = await tenfold(["--config", config, "--format", "json"], cwd, env);
    expect(code).toBe(99);
    expect(stderr).toContain("no service has an address: stand-ins are called");
    const summary: Summary = JSON.parse(readFileSync(join(cwd, "out/summary_r.json"), "utf8"));
    const of = (id: string) => Object.values(summary.by_function_url[id]!)[0]!;
    expect(of("image_format_converter").http_status_counts).toEqual({ "413": 6 });
    expect(of("crypto_key_gen")).toMatchObject({ count: 6, ok_count: 6 });
  });

  it.each([
    [{ IMAGE_MODE: "gcs" }, "the variable IMAGE_GCS_URI is not set: expected a value where IMAGE_MODE is gcs"],
    [{ VIDEO_MODE: "cloud" }, 'the variable VIDEO_MODE is "cloud": expected one of inline, gcs'],
    [{ CRYPTO_KEY_SIZE: "2k" }, 'the variable CRYPTO_KEY_SIZE is "2k": expected a number of 0 or more'],
    [{ RUN_ID: "../up" }, 'expected a plain name of letters, digits, _, . and -, found "../up"'],
    [{ EXTRA_HEADERS_JSON: "{broken" }, "expected headers, or a text that is a JSON object of them"],
  ])("are not called with %o", async (env, said) => {
    const cwd = emptyFolder();
    const config = join(import.meta.dirname, "../../config/functions.yaml");
    const { code, stderr } = await tenfold(["--config", config], cwd, env as unknown as Record<string, string>);
    expect(code).toBe(104);
    expect(stderr).toContain(said);
    expect(readdirSync(cwd)).toEqual([]);
    expect(existsSync(join(cwd, "out"))).toBe(false);
  });
});
