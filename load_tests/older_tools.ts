/** Variables of older load generators: where no flag names a config, they choose the one that they drive. */
import { fileURLToPath } from "node:url";

type Env = Readonly<Record<string, string | undefined>>;

interface OlderTool {
  /** Below `config/`, of the package. */
  readonly config: string;
  readonly variables: readonly string[];
}

const TOOLS: readonly OlderTool[] = [
  {
    config: "functions.yaml",
    variables: ["API_HEALTH_CHECK_URLS", "IMAGE_FORMAT_CONVERTER_URLS", "CRYPTO_KEY_GEN_URLS", "VIDEO_TRANSCODER_URLS"],
  },
  { config: "shop.yaml", variables: ["FRONTEND_ADDR"] },
  {
    config: "experiment.yaml",
    variables: [
      "LOCUST_HOST",
      "LOAD_WARMUP_DURATION",
      ...["LOAD_BASELINE_USERS", "LOAD_BASELINE_SPAWN_RATE", "LOAD_BASELINE_TASK_WEIGHTS"],
      ...["LOAD_INTERVENTION_USERS", "LOAD_INTERVENTION_SPAWN_RATE", "LOAD_INTERVENTION_TASK_WEIGHTS"],
    ],
  },
];

export interface OlderChoice {
  readonly file: string;
  /** To be said aloud. */
  readonly said: string;
}

const CONFIGS = new URL("../config/", import.meta.url);

/** The config that the variables ask for, null where none does; a sentence where those of two tools are set. */
export function olderChoice(env: Env): OlderChoice | { readonly problem: string } | null {
  const set = TOOLS.flatMap(({ config, variables }) => {
    const found = variables.filter((name) => (env[name] ?? "") !== "");
    return found.length === 0 ? [] : [{ config, name: found[0]! }];
  });
  const [first, second] = set;
  if (first === undefined) return null;
  if (second !== undefined)
    return {
      problem: `${first.name} chooses config/${first.config} and ${second.name} config/${second.config}: unset one of them, or name a config by --config`,
    };
  const file = fileURLToPath(new URL(first.config, CONFIGS));
  return { file, said: `${first.name} is set: config/${first.config} is used` };
}
