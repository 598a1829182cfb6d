/** What a client says first (RFC 9113 3.4): that it speaks HTTP/2, and how much it takes. */
import { CONNECTION_WINDOW, MAX_HEADER_LIST } from "./answers.ts";
import { INITIAL_WINDOW } from "./flow.ts";
import { settingsFrame, windowUpdateFrame } from "./frames.ts";
import { Setting } from "./settings.ts";
import { STREAM_WINDOW } from "./stream.ts";

export const PREFACE = Buffer.concat([
  Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
  settingsFrame([
    [Setting.ENABLE_PUSH, 0],
    [Setting.INITIAL_WINDOW_SIZE, STREAM_WINDOW],
    [Setting.MAX_HEADER_LIST_SIZE, MAX_HEADER_LIST],
  ]),
  windowUpdateFrame(0, CONNECTION_WINDOW - INITIAL_WINDOW),
]);
