/** The machine, the commit and the CI job that a run belongs to. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { arch, availableParallelism, platform, release, totalmem } from "node:os";
import type { Environment } from "../core/model.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** Version of this package. */
export const version: string = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")).version;

/** Reads the environment once; without git or outside a repository its fields are null. */
export function readEnvironment(env: Env): Environment {
  return {
    tenfold: version,
    node: process.version,
    os: `${platform()} ${release()} ${arch()}`,
    cpus: availableParallelism(),
    memory_bytes: totalmem(),
    git_sha: env.GITHUB_SHA ?? env.CI_COMMIT_SHA ?? git("rev-parse", "HEAD"),
    git_branch: env.GITHUB_REF_NAME ?? env.CI_COMMIT_REF_NAME ?? git("rev-parse", "--abbrev-ref", "HEAD"),
    ci: ciOf(env),
  };
}

function ciOf(env: Env): string | null {
  if (env.GITHUB_ACTIONS !== undefined) return "github-actions";
  if (env.GITLAB_CI !== undefined) return "gitlab-ci";
  if (env.JENKINS_URL !== undefined) return "jenkins";
  return env.CI === undefined || env.CI === "" || env.CI === "false" ? null : "ci";
}

function git(...args: string[]): string | null {
  try {
    return (
      execFileSync("git", args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"], timeout: 5_000 }).trim() ||
      null
    );
  } catch {
    return null;
  }
}
