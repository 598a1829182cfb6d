import { once } from "node:events";
import { request } from "undici";
import { describe, expect, onTestFinished, test } from "vitest";
import { WebSocket } from "ws";
import { type Message, type Settings, specOf, started } from "./fixture.ts";

interface Answer {
  readonly status: number;
  readonly body: Message;
  readonly headers: Record<string, unknown>;
}

type Call = (line: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>;

/** Calls lines such as `POST /chat`; the body is sent as JSON, or as it is where it is a text. */
async function gateway(settings?: Settings): Promise<Call> {
  const address = await started(specOf("gateway", settings));
  return async (line, body, headers = {}) => {
    const [method, path] = line.split(" ") as ["GET" | "POST", string];
    const content = body === undefined ? null : typeof body === "string" ? body : JSON.stringify(body);
    const answer = await request(address + path, { method, body: content, headers });
    const text = await answer.body.text();
    const json = String(answer.headers["content-type"]).includes("json");
    return { status: answer.statusCode, body: json ? JSON.parse(text) : { text }, headers: answer.headers };
  };
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

async function login(call: Call) {
  const { body } = await call("POST /auth/login", { username: "ada", password: "x" });
  return { access: body.access_token as string, refresh: body.refresh_token as string };
}

describe("tokens", () => {
  test("POST /auth/token gives a bearer token for any user", async () => {
    const call = await gateway();
    const { status, body } = await call("POST /auth/token?user_id=7");
    expect([status, body.token_type]).toEqual([200, "bearer"]);
    const claims = JSON.parse(Buffer.from(body.access_token.split(".")[1], "base64url").toString());
    expect(claims).toMatchObject({ sub: "7", type: "access", exp: claims.iat + 3600, jti: expect.any(String) });
    const chat = await call("POST /chat", { type: "text", text: "hi" }, bearer(body.access_token));
    expect(chat.status).toBe(200);
  });

  test.each([
    ["a user and a password", { username: "ada", password: "x" }, 200],
    ["a user_id alone", { user_id: "7" }, 200],
    ["an empty password", { username: "ada", password: "" }, 401],
    ["nothing", {}, 400],
    ["a number for a name", { username: 7 }, 422],
    ["no JSON", "{", 422],
  ])("POST /auth/login with %s", async (_, body, status) => {
    const answer = await (await gateway())("POST /auth/login", body);
    expect(answer.status).toBe(status);
    if (status === 200) expect(Object.keys(answer.body)).toEqual(expect.arrayContaining(LOGIN_KEYS));
    else expect(answer.body).toHaveProperty("detail");
  });
  const LOGIN_KEYS = ["access_token", "refresh_token", "token_type", "user_id", "username", "roles"];

  test.each([
    ["an admin", { username: "admin", password: "x" }, 200],
    ["a user", { username: "ada", password: "x" }, 403],
    ["an empty password", { username: "admin", password: "" }, 401],
    ["nothing", {}, 400],
  ])("POST /admin/auth/login by %s", async (_, body, status) => {
    const answer = await (await gateway())("POST /admin/auth/login", body);
    expect(answer.status).toBe(status);
    if (status === 200) expect(answer.body).toMatchObject({ role: "admin", roles: ["admin"] });
  });

  test("POST /auth/refresh gives a new token for a refresh token and 401 for another", async () => {
    const call = await gateway();
    const { access, refresh } = await login(call);
    const fresh = await call("POST /auth/refresh", { refresh_token: refresh });
    expect(fresh.body).toMatchObject({ token_type: "bearer", access_token: expect.any(String) });
    expect((await call("POST /auth/refresh", { refresh_token: access })).status).toBe(401);
    expect((await call("POST /auth/refresh", { refresh_token: "" })).status).toBe(422);
  });

  test("POST /auth/logout needs both tokens", async () => {
    const call = await gateway();
    const { access, refresh } = await login(call);
    const out = await call("POST /auth/logout", { refresh_token: refresh }, bearer(access));
    expect(out).toMatchObject({ status: 200, body: { message: expect.any(String) } });
    expect((await call("POST /auth/logout", { refresh_token: "x" }, bearer(access))).status).toBe(401);
    expect((await call("POST /auth/logout", { refresh_token: refresh })).status).toBe(403);
  });
});

describe("POST /chat", () => {
  test.each([
    [
      { type: "text", text: "hi" },
      { type: "response", text: expect.stringMatching(/./) },
    ],
    [
      { type: "audio", audio_data: Buffer.alloc(32_000).toString("base64") },
      { type: "transcription", text: "the quick brown", confidence: 0.9 },
    ],
    [
      { type: "tts_request", text: "fifteen letters" },
      { type: "audio_response", audio_url: expect.any(String), duration: 1 },
    ],
    [{ type: "nonsense" }, { type: "error", message: "Unknown message type: nonsense" }],
    [null, { type: "error" }],
  ])("answers %j", async (message, reply) => {
    const call = await gateway();
    const { access } = await login(call);
    const { status, body } = await call("POST /chat", JSON.stringify(message), bearer(access));
    expect(status).toBe(200);
    expect(body).toMatchObject({ ...reply, timestamp: expect.any(String) });
  });

  test("is 403 without a token and 401 with a bad one", async () => {
    const call = await gateway();
    const none = await call("POST /chat", {});
    expect(none).toMatchObject({ status: 403, body: { detail: "Not authenticated" } });
    const bad = await call("POST /chat", {}, bearer("x.y.z"));
    expect(bad).toMatchObject({ status: 401, headers: { "www-authenticate": "Bearer" } });
  });
});

describe("voice over REST", () => {
  test("POST /api/v1/llm/generate answers text that depends on the prompt", async () => {
    const call = await gateway();
    const { body } = await call("POST /api/v1/llm/generate", { prompt: "hi" });
    expect(body.text).not.toBe("");
    expect((await call("POST /api/v1/llm/generate", { prompt: "hi" })).body).toEqual(body);
    expect((await call("POST /api/v1/llm/generate", { prompt: "ho" })).body).not.toEqual(body);
  });

  test("POST /api/v1/tts/speak answers PCM as long as the text takes to say", async () => {
    const { body } = await (await gateway())("POST /api/v1/tts/speak", { text: "fifteen letters" });
    expect(body.sample_rate).toBe(16_000);
    expect(Buffer.from(body.audio_b64, "base64").length).toBe(32_000);
  });

  test.each([
    ["/api/v1/llm/generate", {}, "prompt"],
    ["/api/v1/llm/generate", { prompt: "" }, "prompt"],
    ["/api/v1/llm/generate", { prompt: "x".repeat(100_001) }, "prompt"],
    ["/api/v1/tts/speak", { text: "" }, "text"],
    ["/api/v1/tts/speak", { text: "a", language: "english" }, "language"],
  ])("POST %s refuses a bad field with 422 and its place", async (path, body, field) => {
    const answer = await (await gateway())(`POST ${path}`, body);
    expect(answer.status).toBe(422);
    expect(answer.body.detail[0]).toMatchObject({
      loc: ["body", field],
      msg: expect.any(String),
      type: expect.any(String),
    });
  });

  const transcribe = async (query: string, field = "audio", name = "a.wav", bytes = 32_000, settings?: Settings) => {
    const form = new FormData();
    form.append(field, new Blob([new Uint8Array(bytes)]), name);
    const address = await started(specOf("gateway", settings));
    const answer = await fetch(`${address}/api/v1/audio/transcribe${query}`, { method: "POST", body: form });
    return { status: answer.status, body: (await answer.json()) as Message };
  };

  test("POST /api/v1/audio/transcribe hears what a recognizer hears", async () => {
    expect(await transcribe("?language=de")).toEqual({
      status: 200,
      body: { transcript: "the quick brown", detected_language: "de" },
    });
  });

  test("a full round trip brings the model's answer and its audio", async () => {
    const { body } = await transcribe("?full_round_trip=true");
    expect(body).toMatchObject({ transcript: "the quick brown", sample_rate: 16_000 });
    expect(body.llm_response).not.toBe("");
    expect(Buffer.from(body.audio_data, "base64").length).toBeGreaterThan(16_000);
  });

  test.each([
    ["a bad language", ["?language=english"], 400],
    ["another field", ["", "file"], 422],
    ["a text file", ["", "audio", "a.txt"], 400],
    ["an empty file", ["", "audio", "a.wav", 0], 400],
  ] as const)("POST /api/v1/audio/transcribe refuses %s", async (_, [query, field, name, bytes], status) => {
    const answer = await transcribe(query, field, name, bytes);
    expect(answer.status).toBe(status);
    expect(answer.body).toHaveProperty("detail");
  });

  test("POST /api/v1/audio/transcribe refuses what is no form", async () => {
    expect((await (await gateway())("POST /api/v1/audio/transcribe", "RIFF")).status).toBe(422);
  });
});

describe("what the gateway tells of itself", () => {
  test("GET /health, /status and /metrics answer without a token", async () => {
    const call = await gateway();
    const health = await call("GET /health");
    expect(health).toMatchObject({
      status: 200,
      body: { status: "healthy", checks: { nats: true, grpc_services: true } },
    });
    const status = await call("GET /status");
    expect(status.body).toMatchObject({ service: "gateway", version: "0.2.0", active_connections: 0, uptime: "N/A" });
    const { text } = (await call("GET /metrics")).body;
    expect(text).toContain('gateway_requests_total{method="GET",endpoint="/health",status="200"} 1');
  });

  test("another path is 404 and another method 405", async () => {
    const call = await gateway();
    expect(await call("GET /nowhere")).toMatchObject({ status: 404, body: { detail: "Not Found" } });
    expect(await call("GET /chat")).toMatchObject({ status: 405, body: { detail: "Method Not Allowed" } });
  });
});

describe("faults over REST", () => {
  test("an error is a 500, and unhealthy with 503 at /health", async () => {
    const call = await gateway({ latency: 0, error_rate: 1 });
    expect((await call("POST /api/v1/llm/generate", { prompt: "x" })).status).toBe(500);
    expect(await call("GET /health")).toMatchObject({ status: 503, body: { status: "unhealthy" } });
  });

  test("a limit is a 429 that says when to come again; /health has none", async () => {
    const call = await gateway({ latency: 0, limit_rate: 1 });
    const answer = await call("POST /api/v1/llm/generate", { prompt: "x" });
    expect(answer).toMatchObject({ status: 429, body: { error: expect.any(String), retry_after: 1 } });
    expect(Object.keys(answer.headers)).toEqual(
      expect.arrayContaining(["retry-after", "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"]),
    );
    expect((await call("GET /health")).status).toBe(200);
  });

  test.each([
    ["POST /api/v1/llm/generate", { prompt: "x" }, { text: "" }],
    ["POST /api/v1/tts/speak", { text: "x" }, { audio_b64: "" }],
    ["POST /auth/token", undefined, { type: "error" }],
    ["GET /health", undefined, { status: "unhealthy" }],
  ])("a soft error of %s is a 200 that holds a failure", async (line, body, reply) => {
    const answer = await (await gateway({ latency: 0, soft_error_rate: 1 }))(line, body);
    expect(answer).toMatchObject({ status: 200, body: reply });
  });
});

describe("the limiter, where it is asked for", () => {
  const header = (answer: Answer, name: string) => answer.headers[`x-ratelimit-${name}`];

  test("counts all calls of a client in a minute, and each path holds them against its own limit", async () => {
    const call = await gateway({ latency: 0, rate_limits: true });
    for (let i = 1; i <= 10; i++) {
      const answer = await call("POST /api/v1/llm/generate", { prompt: "Why?" });
      expect([answer.status, header(answer, "limit"), header(answer, "remaining")]).toEqual([200, "10", `${10 - i}`]);
    }
    const refused = await call("POST /api/v1/llm/generate", { prompt: "Why?" });
    expect(refused.status).toBe(429);
    expect(refused.body).toMatchObject({ error: "rate_limit_exceeded", message: expect.any(String) });
    expect(Number(refused.headers["retry-after"])).toBe(refused.body.retry_after);
    expect(refused.body.retry_after).toBeGreaterThan(0);
    expect(refused.body.retry_after).toBeLessThanOrEqual(60);
    const speech = await call("POST /api/v1/tts/speak", { text: "hi" });
    expect([speech.status, header(speech, "limit"), header(speech, "remaining")]).toEqual([200, "20", "8"]);
  });

  test("tells clients apart by X-Forwarded-For, and lets /health through", async () => {
    const call = await gateway({ latency: 0, rate_limits: true });
    const generate = (client: string) =>
      call("POST /api/v1/llm/generate", { prompt: "Why?" }, { "x-forwarded-for": client });
    for (let i = 0; i < 11; i++) await generate("10.0.0.1, 10.9.9.9");
    expect((await generate("10.0.0.1")).status).toBe(429);
    expect((await generate("10.0.0.2")).status).toBe(200);
    const health = await call("GET /health", undefined, { "x-forwarded-for": "10.0.0.1" });
    expect([health.status, header(health, "limit")]).toEqual([200, undefined]);
  });

  test("is away by default", async () => {
    const call = await gateway({ latency: 0 });
    for (let i = 0; i < 15; i++) {
      const answer = await call("POST /api/v1/llm/generate", { prompt: "Why?" });
      expect([answer.status, header(answer, "limit")]).toEqual([200, undefined]);
    }
  });
});

describe("the WebSocket", () => {
  async function opened(settings?: Settings, path = "/ws/7") {
    const address = await started(specOf("gateway", settings));
    const socket = new WebSocket(address.replace("http", "ws") + path);
    onTestFinished(() => socket.terminate());
    return socket;
  }

  async function ask(socket: WebSocket, frame: string): Promise<Message> {
    if (socket.readyState !== WebSocket.OPEN) await once(socket, "open");
    socket.send(frame);
    const [data] = await once(socket, "message");
    return JSON.parse(String(data));
  }

  test("answers frames as /chat does, without a token", async () => {
    const socket = await opened();
    expect(await ask(socket, '{"type":"text","text":"hi"}')).toMatchObject({ type: "response" });
    expect(await ask(socket, '{"type":"audio"}')).toMatchObject({ type: "transcription" });
    expect(await ask(socket, '{"type":"tts_request","text":"hi"}')).toMatchObject({ type: "audio_response" });
    expect(await ask(socket, '{"type":"?"}')).toMatchObject({ type: "error" });
  });

  test("answers a frame that is no JSON by an error and hangs up", async () => {
    const socket = await opened();
    const closed = once(socket, "close");
    expect(await ask(socket, "{")).toMatchObject({ type: "error" });
    expect((await closed)[0]).toBe(1000);
  });

  test("refuses another path with 403", async () => {
    const [error] = await once(await opened({}, "/other"), "error");
    expect(error.message).toContain("403");
  });

  test("shows a soft error as a reply of type error", async () => {
    const socket = await opened({ latency: 0, soft_error_rate: 1 });
    expect(await ask(socket, '{"type":"text"}')).toMatchObject({ type: "error", message: expect.any(String) });
  });
});
