/** `on_enter` and `on_exit` of a phase, as written. */
import { z } from "zod";
import type { Hook } from "../core/model.ts";

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;
const text = z.union([z.string(), z.number(), z.boolean()]).transform(String);

const http = z.strictObject({
  method: z.enum(METHODS).optional().describe("POST where absent"),
  url: z.string().refine(isHttp, "expected an address such as http://localhost:8083/faults"),
  headers: z.record(z.string(), text).optional(),
  json: z.unknown().optional(),
});

function isHttp(url: string): boolean {
  return URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
}

export const hookSchema = z
  .strictObject({
    command: z.string().min(1).optional().describe("For the shell, in the folder of this file"),
    http: http.optional().describe("A call; an answer of 400 or more is a failure"),
  })
  .superRefine(({ command, http }, ctx) => {
    if ((command === undefined) === (http === undefined))
      ctx.addIssue({ code: "custom", message: "expected one of `command` and `http`" });
  });
export type HookConfig = z.output<typeof hookSchema>;

/** The hook with every default; `folder` is where its command is run. */
export function hookOf({ command, http }: HookConfig, folder: string): Hook {
  if (http === undefined) return { command: command ?? "", folder };
  const { method = "POST", url, headers = {}, json } = http;
  return { method, url, headers, ...(json === undefined ? {} : { json }) };
}
