/** What the gateway says to a chat message, over HTTP and over a WebSocket alike. */
import { completionOf } from "./completion.ts";
import type { Frame, Reply } from "./conversation.ts";
import { errorReply, timestamp } from "./gateway_route.ts";
import { pcmMs, SAMPLE_RATE, spokenMs } from "./tone.ts";
import { transcriptOf } from "./transcript.ts";

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

/** Any JSON is taken; what has no known `type` is answered by an error. */
export function chatReply(message: unknown): object {
  const { type, text, audio_data } = Object(message) as Record<string, unknown>;
  switch (type) {
    case "text":
      return { type: "response", text: completionOf(textOf(text)).text, timestamp: timestamp() };
    case "audio": {
      const bytes = Buffer.byteLength(textOf(audio_data), "base64");
      const heard = transcriptOf(pcmMs(bytes, SAMPLE_RATE));
      return { type: "transcription", text: heard, confidence: 0.9, timestamp: timestamp() };
    }
    case "tts_request": {
      const duration = spokenMs(textOf(text)) / 1000;
      return { type: "audio_response", audio_url: "/audio/stand-in.wav", duration, timestamp: timestamp() };
    }
    default:
      return errorReply(`Unknown message type: ${String(type)}`);
  }
}

/** A frame that is not JSON is answered by an error, and the conversation ends. */
export function frameReply(frame: Frame): Reply {
  try {
    return { data: JSON.stringify(chatReply(JSON.parse(frame.toString()))) };
  } catch {
    return { data: JSON.stringify(errorReply("Expected a JSON text frame")), last: true };
  }
}
