import { defineConfig } from "vitest/config";

/** End-to-end tests put load on the machine: they run after the others, a file at a time. */
export default defineConfig({
  test: {
    globalSetup: ["load_tests/e2e/build.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: "parts",
          include: ["load_tests/**/*.test.ts"],
          exclude: ["load_tests/e2e/**"],
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: "e2e",
          include: ["load_tests/e2e/**/*.test.ts"],
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
