/** What Tenfold knows of the voice services: their methods, what these are sent by default, and how they fail softly. */
import { statSync } from "node:fs";
import { fileURLToPath } from "node:url";

const packageFile = (path: string): string => fileURLToPath(new URL(`../../../config/${path}`, import.meta.url));

/** How a stream's messages are timed: the field that carries content, and the names of its metrics. */
export interface StreamTiming {
  /** Null: every message is content. */
  readonly content: string | null;
  readonly firstItem: string;
  readonly gap: string;
}

export interface KnownMethod {
  /** `package.Service/Method`. */
  readonly method: string;
  readonly proto: string;
  /** What is sent: one message, or a stream's. */
  readonly messages: () => readonly object[];
  readonly checks: readonly string[];
  readonly timing: StreamTiming | null;
}

export interface Role {
  /** The kind of stand-in that plays it. */
  readonly kind: "stt" | "tts" | "llm";
  readonly service: string;
  /** Methods and weights, where the config names none. */
  readonly methods: Readonly<Record<string, number>>;
}

const STT: Role = { kind: "stt", service: "june.asr.SpeechToText", methods: { Recognize: 2, RecognizeStream: 1 } };
const TTS: Role = { kind: "tts", service: "june.tts.TextToSpeech", methods: { Synthesize: 1 } };
const LLM: Role = { kind: "llm", service: "june.llm.LLMInference", methods: { Generate: 2, GenerateStream: 1 } };

export const ROLE_NAMES = ["stt", "tts", "llm", "inference_api", "tensorrt_llm"] as const;
export const ROLES: Readonly<Record<string, Role>> = {
  stt: STT,
  tts: TTS,
  llm: LLM,
  inference_api: LLM,
  tensorrt_llm: LLM,
};

/** Sent with each call of a role: services that limit rates by user see as many users as there are. */
export const ROLE_METADATA = { "x-user-id": "{{user.id}}" } as const;

const SAMPLE_RATE = 16_000;
const speech = packageFile("audio/speech.wav");
const WAV_HEADER = 44;
const CHUNK_MS = 100;
const CHUNK_BYTES = (SAMPLE_RATE * 2 * CHUNK_MS) / 1000;

/** The spoken sample as raw pcm in chunks of 100 ms. */
function speechChunks(): object[] {
  const end = statSync(speech).size;
  const count = Math.ceil((end - WAV_HEADER) / CHUNK_BYTES);
  return Array.from({ length: count }, (_, index) => {
    const from = WAV_HEADER + index * CHUNK_BYTES;
    return {
      audio_data: { file: speech, from, to: Math.min(end, from + CHUNK_BYTES) },
      sample_rate: SAMPLE_RATE,
      channels: 1,
      encoding: "pcm",
      timestamp_us: index * CHUNK_MS * 1000,
    };
  });
}

/** Who asks, in which run and for which time comes first, so that no cache of answers or of prefixes helps. */
const prompt =
  'Run {{run.id}}, {{user.id}}, question {{iteration}}: {{random.pick "What makes a good cup of coffee?" "Why is the sky blue at noon and red at dusk?" "How does a bicycle stay upright?" "Name three things to see in a harbour town." "What should I pack for a rainy weekend?"}}';
const params = { max_tokens: 128, temperature: 0.7 };
const speak = {
  text: 'Your ticket is number {{random.int 1000 9999}}. {{random.pick "The next train leaves from platform four." "The museum opens at nine in the morning." "Please keep your belongings with you at all times." "Light rain is expected in the afternoon."}}',
  voice_id: "default",
  language: "en",
};

const ttft = (content: string): StreamTiming => ({ content, firstItem: "ttft", gap: "inter_token" });
const one = (message: object) => () => [message];

/** A method of one of the three services, e.g. `Chat` of `LLM`. */
const entry = (role: Role, proto: string, name: string, rest: Pick<KnownMethod, "messages" | "checks" | "timing">) => ({
  method: `${role.service}/${name}`,
  proto: packageFile(`protos/${proto}.proto`),
  ...rest,
});

const healthCheck = { messages: one({}), checks: ["$.healthy == true"], timing: null };
const chat = { messages: [{ role: "user", content: prompt }], params };

/** Of any service; it has no part in what the service is for. */
export const HEALTH_CHECK = "grpc.health.v1.Health/Check";

export const KNOWN_METHODS: readonly KnownMethod[] = [
  entry(STT, "asr", "Recognize", {
    messages: one({
      audio_data: { file: speech },
      sample_rate: SAMPLE_RATE,
      encoding: "wav",
      config: { language: "en" },
    }),
    checks: ["$.results[0].transcript not empty"],
    timing: null,
  }),
  entry(STT, "asr", "RecognizeStream", {
    messages: speechChunks,
    checks: ["$.transcript not empty"],
    timing: { content: "transcript", firstItem: "first_partial", gap: "inter_partial" },
  }),
  entry(STT, "asr", "HealthCheck", healthCheck),
  entry(TTS, "tts", "Synthesize", { messages: one(speak), checks: ["$.audio_data not empty"], timing: null }),
  entry(TTS, "tts", "SynthesizeStream", {
    messages: one({ ...speak, stream: true }),
    checks: ["$.audio_data not empty"],
    timing: { content: "audio_data", firstItem: "ttfa", gap: "inter_chunk" },
  }),
  entry(TTS, "tts", "HealthCheck", healthCheck),
  entry(LLM, "llm", "Generate", {
    messages: one({ prompt, params }),
    checks: ["$.finish_reason != ERROR", "$.text not empty"],
    timing: null,
  }),
  entry(LLM, "llm", "GenerateStream", {
    messages: one({ prompt, params, stream: true }),
    checks: ["$.messages not empty", "$.finish_reason != ERROR", "$.token not empty"],
    timing: ttft("token"),
  }),
  entry(LLM, "llm", "Chat", { messages: one(chat), checks: ["$.message.content not empty"], timing: null }),
  entry(LLM, "llm", "ChatStream", {
    messages: one({ ...chat, stream: true }),
    checks: ["$.messages not empty", "$.finish_reason != ERROR", "$.content_delta not empty"],
    timing: ttft("content_delta"),
  }),
  entry(LLM, "llm", "Embed", { messages: one({ texts: [prompt] }), checks: ["$.embeddings not empty"], timing: null }),
  entry(LLM, "llm", "HealthCheck", healthCheck),
  {
    method: HEALTH_CHECK,
    proto: packageFile("protos/health.proto"),
    messages: one({}),
    checks: ["$.status == SERVING"],
    timing: null,
  },
];
