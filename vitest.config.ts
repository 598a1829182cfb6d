import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["load_tests/**/*.test.ts"],
    globalSetup: ["load_tests/e2e/build.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
