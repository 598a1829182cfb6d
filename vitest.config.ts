import { defineConfig } from "vitest/config";

/** End-to-end tests put load on the machine: they run after the others, a file at a time. */
export default defineConfig({
  test: {
    globalSetup: ["load_tests/e2e/build.ts"],
    setupFiles: ["load_tests/property_seed.ts"],
    // A shared CI runner may stall for seconds in the middle of a load; what fails twice is a fact.
    retry: process.env.CI ? 1 : 0,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: "parts",
          include: ["load_tests/**/*.test.ts", "scripts/**/*.test.js"],
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
