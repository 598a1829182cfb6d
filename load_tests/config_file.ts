/** Where the config is when no flag names one. */
import { fileURLToPath } from "node:url";

/** Below the working directory. */
export const DEFAULT_CONFIG = "config/load_test_config.yaml";
/** The one that comes with Tenfold. */
export const PACKAGED_CONFIG = fileURLToPath(new URL(`../${DEFAULT_CONFIG}`, import.meta.url));
