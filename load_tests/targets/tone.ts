/** Speech as stand-ins make it: a tone as long as a voice would take for the text. */
import type { Ms } from "../core/model.ts";

export const SAMPLE_RATE = 16_000;
const BYTES_PER_SECOND = SAMPLE_RATE * 2;
const CHARACTERS_PER_SECOND = 15;
const HERTZ = 220;

/** One second of the tone, 16 bit little-endian; a whole number of waves, so that copies join without a click. */
const SECOND = Buffer.from(
  Int16Array.from({ length: SAMPLE_RATE }, (_, i) => 8000 * Math.sin((2 * Math.PI * HERTZ * i) / SAMPLE_RATE)).buffer,
);

/** Length of a text when spoken; `speed` 2 is twice as fast. Text without content takes no time. */
export const spokenMs = (text: string, speed = 1): Ms =>
  Math.round((text.trim().length / CHARACTERS_PER_SECOND / speed) * 1000);

/** 16 kHz mono 16 bit PCM of a duration. */
export const toneOf = (duration: Ms): Buffer => Buffer.alloc(Math.round((duration / 1000) * SAMPLE_RATE) * 2, SECOND);

/** Milliseconds of 16 bit mono PCM. */
export const pcmMs = (bytes: number, sampleRate: number): Ms => (bytes / 2 / sampleRate) * 1000;

/** PCM in pieces of at most `duration`. */
export function piecesOf(pcm: Buffer, duration: Ms): Buffer[] {
  const step = (BYTES_PER_SECOND * duration) / 1000;
  const pieces: Buffer[] = [];
  for (let at = 0; at < pcm.length; at += step) pieces.push(pcm.subarray(at, at + step));
  return pieces;
}
