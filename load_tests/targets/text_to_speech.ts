/** A text-to-speech service, june.tts.TextToSpeech: a tone of 16 kHz, 16 bit, as long as the text takes to say. */
import type { Ms } from "../core/model.ts";
import type { Behaviour } from "./behaviour.ts";
import { bidi, grpcService, type Method, type Talk, unary } from "./grpc_service.ts";
import type { Service } from "./listener.ts";
import { voiceService } from "./proto.ts";
import { pcmMs, piecesOf, SAMPLE_RATE, spokenMs, toneOf } from "./tone.ts";

const NAME = "june.tts.TextToSpeech";
const PIECE: Ms = 100;

interface SynthesisRequest {
  readonly text?: string;
  readonly config?: { readonly speed?: number };
}

const durationOf = ({ text = "", config }: SynthesisRequest): Ms => spokenMs(text, config?.speed || 1);

const response = (duration: Ms) => ({
  audio_data: toneOf(duration),
  sample_rate: SAMPLE_RATE,
  encoding: "pcm16",
  duration_ms: duration,
});

const synthesize: Method<SynthesisRequest, object> = {
  answer: (request) => response(durationOf(request)),
  soft: () => response(0),
};

const chunk = (audio: Buffer, start: Ms, final: boolean) => ({
  audio_data: audio,
  sample_rate: SAMPLE_RATE,
  channels: 1,
  encoding: "pcm16",
  is_final: final,
  timestamp_us: Math.round(start * 1000),
});

/** Each request is a sentence; its audio comes in pieces of 100 ms, the last of them marked final. */
function speaking(): Talk<SynthesisRequest, object> {
  let said: Ms = 0;
  return {
    take(request) {
      const pieces = piecesOf(toneOf(durationOf(request)), PIECE);
      return pieces.map((piece, i) => {
        const start = said;
        said += pcmMs(piece.length, SAMPLE_RATE);
        return chunk(piece, start, i === pieces.length - 1);
      });
    },
    finish: () => [],
  };
}

const health: Method<object, object> = {
  answer: () => ({ healthy: true, version: "stand-in", available_voices: ["default"] }),
  soft: () => ({ healthy: false, version: "stand-in", available_voices: [] }),
};

export function textToSpeech(behaviour: Behaviour): Service {
  const methods = {
    Synthesize: unary(behaviour, synthesize),
    SynthesizeStream: bidi(behaviour, speaking, () => [chunk(toneOf(0), 0, true)]),
    HealthCheck: unary(behaviour, health),
  };
  return grpcService([{ name: NAME, definition: voiceService("tts.proto", NAME), methods }], behaviour);
}
