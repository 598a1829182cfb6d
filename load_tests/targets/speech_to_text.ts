/** A speech-to-text service, june.asr.SpeechToText: its transcript depends on the audio's length alone. */
import type { Ms } from "../core/model.ts";
import type { Behaviour } from "./behaviour.ts";
import { bidi, grpcService, type Method, type Talk, unary } from "./grpc_service.ts";
import type { Service } from "./listener.ts";
import { voiceService } from "./proto.ts";
import { pcmMs, SAMPLE_RATE } from "./tone.ts";
import { SHORTEST_SPEECH, wordsOf } from "./transcript.ts";

const NAME = "june.asr.SpeechToText";
const ENCODINGS = ["", "pcm", "wav", "ogg", "flac", "mp3"];
const LARGEST_AUDIO = 50 * 1024 * 1024;
const HIGHEST_RATE = 48_000;
const WAV_HEADER = 44;
const CONFIDENCE = 0.9;
/** A stream gives a partial result each time that it has heard so much more. */
const PARTIAL_EVERY: Ms = 500;

interface AudioChunk {
  readonly audio_data?: Buffer;
  readonly sample_rate?: number;
}
interface RecognitionRequest extends AudioChunk {
  readonly encoding?: string;
  readonly config?: { readonly language?: string };
}

/** All that was heard up to `duration`. */
function resultOf(duration: Ms, final: boolean, language = "en") {
  const words = wordsOf(duration).map(({ word, start, end }) => ({
    word,
    confidence: CONFIDENCE,
    start_time_us: Math.round(start * 1000),
    end_time_us: Math.round(end * 1000),
  }));
  return {
    transcript: words.map(({ word }) => word).join(" "),
    is_final: final,
    confidence: words.length === 0 ? 0 : CONFIDENCE,
    words,
    start_time_us: 0,
    end_time_us: Math.round(duration * 1000),
    detected_language: language,
  };
}

/** Compressed audio is taken for PCM: its length is wrong, but it is the same each time. */
function durationOf({ audio_data, sample_rate, encoding }: RecognitionRequest): Ms {
  const header = encoding === "wav" ? WAV_HEADER : 0;
  return pcmMs(Math.max(0, (audio_data?.length ?? 0) - header), sample_rate || SAMPLE_RATE);
}

const recognize: Method<RecognitionRequest, object> = {
  answer(request, latency) {
    const duration = durationOf(request);
    const results = duration < SHORTEST_SPEECH ? [] : [resultOf(duration, true, request.config?.language || "en")];
    return { results, processing_time_ms: Math.round(latency) };
  },
  soft: () => ({ results: [] }),
  refuse({ audio_data, sample_rate = 0, encoding = "" }) {
    if ((audio_data?.length ?? 0) > LARGEST_AUDIO) return `audio_data: expected at most ${LARGEST_AUDIO} bytes`;
    if (!(sample_rate > 0 && sample_rate <= HIGHEST_RATE))
      return `sample_rate: expected 1 to ${HIGHEST_RATE}, found ${sample_rate}`;
    return ENCODINGS.includes(encoding) ? null : `encoding: expected pcm, wav, ogg, flac or mp3, found "${encoding}"`;
  },
};

function listening(): Talk<AudioChunk, object> {
  let heard: Ms = 0;
  return {
    take({ audio_data, sample_rate }) {
      const before = heard;
      heard += pcmMs(audio_data?.length ?? 0, sample_rate || SAMPLE_RATE);
      const partial = Math.floor(heard / PARTIAL_EVERY) > Math.floor(before / PARTIAL_EVERY);
      return partial ? [resultOf(heard, false)] : [];
    },
    finish: () => (heard < SHORTEST_SPEECH ? [] : [resultOf(heard, true)]),
  };
}

const health: Method<object, object> = {
  answer: () => ({ healthy: true, version: "stand-in", model_name: "stand-in" }),
  soft: () => ({ healthy: false, version: "stand-in", model_name: "stand-in" }),
};

export function speechToText(behaviour: Behaviour): Service {
  const methods = {
    Recognize: unary(behaviour, recognize),
    RecognizeStream: bidi(behaviour, listening, () => [resultOf(0, true)]),
    HealthCheck: unary(behaviour, health),
  };
  return grpcService([{ name: NAME, definition: voiceService("asr.proto", NAME), methods }], behaviour);
}
