/** What a listener's thread begins with, and what it and the main thread tell each other. */
import type { Notice, OpInfo, RunHeader } from "./core/model.ts";
import type { SinkPlan } from "./core/plugins.ts";
import type { ToldCalls } from "./engine/fleet.ts";

export interface Hearing {
  /** As messages call it. */
  readonly name: string;
  /** Null: the log of requests. */
  readonly sink: SinkPlan | null;
  /** Where the log's files go. */
  readonly folder: string;
  readonly header: RunHeader;
  readonly secrets: readonly string[];
  /** Share of the calls told that it is to hear of. */
  readonly share: number;
}

/** `count`: of the calls in the memory. `dropped`: calls before these that are lost to it. */
export interface HeardPiece extends Omit<ToldCalls, "bytes"> {
  readonly memory: ArrayBuffer;
  /** Bytes of it that hold calls. */
  readonly used: number;
}

export type ToListener =
  | ({ readonly say: "calls" } & HeardPiece)
  | { readonly say: "line"; readonly op: OpInfo }
  | { readonly say: "secret"; readonly value: string }
  | { readonly say: "close"; readonly dropped: number };

export type FromListener =
  | { readonly say: "ready" }
  /** A piece is through; its memory comes back. */
  | { readonly say: "heard"; readonly memory: ArrayBuffer; readonly used: number; readonly count: number }
  | { readonly say: "notice"; readonly notice: Notice }
  | { readonly say: "log"; readonly text: string }
  | ({ readonly say: "closed" } & Heard);

/** What a listener leaves. */
export interface Heard {
  /** Why something that was asked for is not on the disk. */
  readonly problem: string | null;
  /** Files for the run's folder. */
  readonly files: readonly { readonly path: string; readonly content: string }[];
}

export interface ListeningEvents {
  notice(notice: Notice): void;
  log(text: string): void;
}
