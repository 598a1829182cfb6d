/** The machine, the commit and the CI job that a run belongs to. */
import { execFileSync } from "node:child_process";
import { arch, availableParallelism, platform, release, totalmem } from "node:os";
import type { Environment } from "../core/model.ts";
import { version } from "./version.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** Reads the environment once; without git or outside a repository its fields are null. */
export function readEnvironment(env: Env): Environment {
  const sha = env.GITHUB_SHA ?? env.CI_COMMIT_SHA;
  const branch = env.GITHUB_REF_NAME ?? env.CI_COMMIT_REF_NAME;
  const [ownSha = null, ownBranch = null] = sha === undefined || branch === undefined ? checkedOut() : [];
  return {
    tenfold: version,
    node: process.version,
    os: `${platform()} ${release()} ${arch()}`,
    cpus: availableParallelism(),
    memory_bytes: totalmem(),
    git_sha: sha ?? ownSha,
    git_branch: branch ?? ownBranch,
    ci: ciOf(env),
  };
}

function ciOf(env: Env): string | null {
  if (env.GITHUB_ACTIONS !== undefined) return "github-actions";
  if (env.GITLAB_CI !== undefined) return "gitlab-ci";
  if (env.JENKINS_URL !== undefined) return "jenkins";
  return env.CI === undefined || env.CI === "" || env.CI === "false" ? null : "ci";
}

/** The commit and the branch of the folder that we are in; nothing where there are none. */
function checkedOut(): string[] {
  try {
    const asked = ["rev-parse", "HEAD", "--abbrev-ref", "HEAD"];
    const told = execFileSync("git", asked, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"], timeout: 5_000 });
    return told.trim().split("\n");
  } catch {
    return [];
  }
}
