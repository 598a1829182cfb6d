/** The gateway's routes to the voice services: what it hears, says and answers are the other stand-ins' own. */
import { extname } from "node:path";
import { z } from "zod";
import { completionOf } from "./completion.ts";
import { ok, type Route, refuse, unprocessable, withBody } from "./gateway_route.ts";
import type { HttpAnswer, HttpRequest } from "./http_service.ts";
import { pcmMs, SAMPLE_RATE, spokenMs, toneOf } from "./tone.ts";
import { transcriptOf } from "./transcript.ts";

const LANGUAGE = /^[a-z]{2}(-[A-Z]{2})?$/;
const AUDIO_FILES = [".wav", ".mp3", ".ogg", ".flac", ".m4a", ".webm", ".opus"];
const LARGEST_AUDIO = 50 * 1024 * 1024;
const ROUND_TRIP = ["true", "1", "yes", "on"];

const generateBody = z.object({ prompt: z.string().min(1).max(100_000) });
const speakBody = z.object({
  text: z.string().min(1).max(50_000),
  language: z.string().regex(LANGUAGE).default("en"),
  voice_id: z.string().default("default"),
});

const spoken = (text: string): string => toneOf(spokenMs(text)).toString("base64");

/** The file of the multipart field `audio`; an answer where there is none that can be taken. */
async function audioOf({ headers, body }: HttpRequest): Promise<File | HttpAnswer> {
  const form = await new Response(new Uint8Array(body), { headers: { "content-type": headers["content-type"] ?? "" } })
    .formData()
    .catch(() => null);
  const audio = form?.get("audio") ?? null;
  if (!(audio instanceof File)) return unprocessable(["body", "audio"], "field required", "value_error.missing");
  if (!AUDIO_FILES.includes(extname(audio.name).toLowerCase()))
    return refuse(400, `Unsupported audio format; expected ${AUDIO_FILES.join(" ")}`);
  if (audio.size === 0) return refuse(400, "Empty audio file");
  return audio.size > LARGEST_AUDIO ? refuse(400, "Audio file too large; expected at most 50 MB") : audio;
}

async function transcribe(request: HttpRequest): Promise<HttpAnswer> {
  const query = new URLSearchParams(request.query);
  const language = query.get("language") ?? "en";
  if (!LANGUAGE.test(language)) return refuse(400, `Invalid language code: ${language}`);
  const audio = await audioOf(request);
  if (!(audio instanceof File)) return audio;
  const transcript = transcriptOf(pcmMs(audio.size, SAMPLE_RATE));
  const heard = { transcript, detected_language: language };
  if (!ROUND_TRIP.includes((query.get("full_round_trip") ?? "").toLowerCase())) return ok(heard);
  const { text } = completionOf(transcript);
  return ok({ ...heard, llm_response: text, audio_data: spoken(text), sample_rate: SAMPLE_RATE });
}

export const voiceRoutes: readonly Route[] = [
  {
    method: "POST",
    path: "/api/v1/llm/generate",
    answer: withBody(generateBody, ({ prompt }) => ok({ text: completionOf(prompt).text })),
    soft: () => ok({ text: "" }),
  },
  {
    method: "POST",
    path: "/api/v1/tts/speak",
    answer: withBody(speakBody, ({ text }) => ok({ audio_b64: spoken(text), sample_rate: SAMPLE_RATE })),
    soft: () => ok({ audio_b64: "", sample_rate: SAMPLE_RATE }),
  },
  {
    method: "POST",
    path: "/api/v1/audio/transcribe",
    answer: transcribe,
    soft: () => ok({ transcript: "", detected_language: null }),
  },
];
