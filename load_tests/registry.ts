/** Every plug-in that ships: each kind has a list with one line for each. */
export { criteria } from "./criteria/index.ts";
export { protocols, workloads } from "./load_plugins.ts";
export { reporters } from "./reports/index.ts";
