/**
 * Whole calls on their way out of a worker, beside the load: a few pieces of memory go to the main thread and come back.
 * While all are away, calls are dropped and counted; nothing waits.
 */
import type { TappedCall } from "../core/logged_call.ts";
import type { Random } from "../core/random.ts";
import { Piece } from "./call_codec.ts";

const PIECES = 16;
const PIECE_BYTES = 256 * 1024;

export interface TapSettings {
  /** Of all calls; over 0, at most 1. */
  readonly share: number;
  readonly bodies: boolean;
}

export interface TappedCalls {
  readonly memory: ArrayBuffer;
  /** Bytes of it that hold calls. */
  readonly used: number;
  /** How many calls these are. */
  readonly count: number;
  /** Calls that found no room since the piece before. */
  readonly dropped: number;
}

export class Tap {
  /** Answers are told too. */
  readonly bodies: boolean;
  private readonly share: number;
  private readonly random: Random;
  private readonly give: (calls: TappedCalls) => void;
  private readonly free: Piece[];
  private piece: Piece | null = null;
  private used = 0;
  private count = 0;
  private dropped = 0;

  /** `random` draws which calls are taken, where not all are. */
  constructor({ share, bodies }: TapSettings, random: Random, give: (calls: TappedCalls) => void) {
    this.share = share;
    this.bodies = bodies;
    this.random = random;
    this.give = give;
    this.free = Array.from({ length: PIECES }, () => new Piece(new ArrayBuffer(PIECE_BYTES)));
  }

  /** Whether the next call is to be added. */
  takes(): boolean {
    return this.share === 1 || this.random.next() < this.share;
  }

  add(call: TappedCall): void {
    if (!this.write(call)) {
      if (this.piece !== null) this.flush();
      if (!this.write(call)) this.dropped++;
    }
  }

  /** Sends what there is. */
  flush(): void {
    const { piece, used, count, dropped } = this;
    if (piece === null && dropped === 0) return;
    const memory = piece === null ? new ArrayBuffer(0) : piece.memory;
    this.piece = null;
    this.used = this.count = this.dropped = 0;
    this.give({ memory, used, count, dropped });
  }

  /** A piece came back. */
  returned(memory: ArrayBuffer): void {
    if (memory.byteLength > 0) this.free.push(new Piece(memory));
  }

  private write(call: TappedCall): boolean {
    if (this.piece === null) {
      this.piece = this.free.pop() ?? null;
      if (this.piece === null) return false;
    }
    const end = this.piece.write(this.used, call);
    if (end < 0) return false;
    this.used = end;
    this.count++;
    return true;
  }
}
