/** What the known calls of a June gateway send, and what makes their answers right. */
import { fileURLToPath } from "node:url";

interface KnownCall {
  readonly body?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly checks: readonly string[];
  readonly requiresAuth?: boolean;
}

/** A spoken sample that ships with the package; the same from the sources and from the build. */
const SPEECH = fileURLToPath(new URL("../../config/audio/speech.wav", import.meta.url));

const SENTENCE = "Hello, this is {{user.id}} with line {{iteration}}.";

/** By method and path. A soft error, an answer of 200 that says it failed, fails its check. */
export const KNOWN_CALLS: Readonly<Record<string, KnownCall>> = {
  "POST /auth/token": { query: { user_id: "{{user.id}}" }, checks: ["$.access_token not empty"] },
  "POST /auth/login": { body: { json: { user_id: "{{user.id}}" } }, checks: ["$.access_token not empty"] },
  "GET /health": { checks: ['$.status == "healthy"'] },
  "GET /status": { checks: ["$.service not empty"] },
  "GET /metrics": { checks: ["body not empty"] },
  "POST /api/v1/llm/generate": { body: { json: { prompt: SENTENCE } }, checks: ["$.text not empty"] },
  "POST /api/v1/tts/speak": {
    body: { json: { text: SENTENCE, language: "en", voice_id: "default" } },
    // Seconds of audio are more than is kept of a body: its beginning must tell.
    checks: ['body matches /"audio_b64":\\s*"[^"]/'],
  },
  "POST /api/v1/audio/transcribe": {
    body: { multipart: { audio: { path: SPEECH, filename: "speech.wav", type: "audio/wav" } } },
    checks: ["$.transcript not empty"],
  },
  "POST /chat": {
    body: { json: { type: "text", text: SENTENCE } },
    checks: ['$.type != "error"'],
    requiresAuth: true,
  },
};

/** Of a reply on the socket that may be anything, also no JSON. */
export const NO_SOFT_ERROR = 'body matches /^(?![\\s\\S]*"type"\\s*:\\s*"error")/';

/** What users say on the socket where the file does not say it. */
export const CHAT = [{ send: { type: "text", text: SENTENCE }, reply: "next", checks: ['$.type != "error"'] }];

/** A user's token, fetched once. */
export const TOKEN_LOGIN = {
  login: { method: "POST", path: "/auth/token", query: { user_id: "{{user.id}}" }, token: "$.access_token" },
};
