import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { olderChoice } from "./older_tools.ts";

describe("Variables of an older tool", () => {
  it.each([
    ["API_HEALTH_CHECK_URLS", "functions.yaml"],
    ["FRONTEND_ADDR", "shop.yaml"],
    ["LOAD_INTERVENTION_USERS", "experiment.yaml"],
  ])("choose its config: %s", (name, config) => {
    const choice = olderChoice({ [name]: "5" });
    expect(choice).toMatchObject({ said: `${name} is set: config/${config} is used` });
    expect(existsSync((choice as { file: string }).file)).toBe(true);
  });

  it("choose none where they are empty", () => {
    expect(olderChoice({ FRONTEND_ADDR: "", PATH: "/bin" })).toBeNull();
  });

  it("of two tools are refused by their names", () => {
    expect(olderChoice({ FRONTEND_ADDR: "a:1", LOCUST_HOST: "http://b" })).toEqual({
      problem:
        "FRONTEND_ADDR chooses config/shop.yaml and LOCUST_HOST config/experiment.yaml: unset one of them, or name a config by --config",
    });
  });
});
