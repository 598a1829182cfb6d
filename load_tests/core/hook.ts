/** Hooks of phases, in words. */
import type { Hook } from "./model.ts";

/** What a hook does; headers and body are not shown. */
export const hookText = (hook: Hook): string => ("command" in hook ? hook.command : `${hook.method} ${hook.url}`);
