/** Plug-ins: those that ship, and users' own files that `plugins:` names. */
import type { Protocol } from "./core/plugin.ts";
import { NO_PLUGINS, type PluginFiles, type Plugins, pluginsOf } from "./core/plugins.ts";
import { criteria, protocols, reporters } from "./registry.ts";
import { importDefault } from "./workloads/code/program.ts";

export const SHIPPED: Plugins = { ...NO_PLUGINS, protocols, criteria, reporters };

export const pluginFiles: PluginFiles = {
  read: async (file) => pluginsOf(await importDefault(file), file),
};

/** The protocols of these files, read anew: a thread shares no code with the one that read the config. */
export async function protocolsIn(files: readonly string[]): Promise<Protocol[]> {
  const read = await Promise.all(files.map((file) => pluginFiles.read(file)));
  return read.flatMap((each) => each.protocols);
}
