/** `junit.xml`: a criterion a test case, so that CI systems show them beside the other tests. */
import { html as entities, terminal } from "../core/escape.ts";
import type { Verdict } from "../core/model.ts";
import { defineReporter, type Report } from "../core/plugin.ts";
import { verdictReason } from "./verdict.ts";

/** For XML 1.0, which has no way to write control characters: they are made visible. */
const xml = (text: string): string => entities(terminal(text).replace(/[\ufffe\uffff]/g, "\ufffd"));

interface TestCase {
  readonly name: string;
  readonly seconds: number;
  /** Why it did not pass. An `error` is what could not be told: viewers show it as red as a failure. */
  readonly problem: { readonly kind: "failure" | "error"; readonly why: string } | null;
}

const KINDS = { pass: null, fail: "failure", unknown: "error" } as const;

function criterionCase({ criterion, scope, status, why }: Verdict): TestCase {
  const kind = KINDS[status];
  return { name: `${criterion} (${scope})`, seconds: 0, problem: kind === null ? null : { kind, why } };
}

/** The run itself is a test case too: without it, one that broke off or judged nothing would look green. */
function runCase(report: Report): TestCase {
  const { result, verdicts, verdict, why } = report;
  const told = verdict !== "unknown" || verdicts.some(({ status }) => status === "unknown");
  const sound = result.ended === "completed" && why === null && told;
  return {
    name: "the run",
    seconds: result.duration / 1000,
    problem: sound ? null : { kind: "error", why: verdictReason(report) },
  };
}

function caseLines({ name, seconds, problem }: TestCase, scenario: string): string[] {
  const head = `    <testcase classname="${xml(scenario)}" name="${xml(name)}" time="${seconds.toFixed(3)}"`;
  if (problem === null) return [`${head}/>`];
  const why = xml(problem.why);
  return [
    `${head}>`,
    `      <${problem.kind} message="${why}" type="${problem.kind === "error" ? "unknown" : "criterion"}">${why}</${problem.kind}>`,
    "    </testcase>",
  ];
}

export function junitXml(report: Report): string {
  const { header, duration } = report.result;
  const scenario = header.scenario.name;
  const cases = [runCase(report), ...report.verdicts.map(criterionCase)];
  const number = (kind: "failure" | "error") => cases.filter(({ problem }) => problem?.kind === kind).length;
  const counts = `tests="${cases.length}" failures="${number("failure")}" errors="${number("error")}" time="${(duration / 1000).toFixed(3)}"`;
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="tenfold" ${counts}>`,
    `  <testsuite name="${xml(scenario)}" ${counts} skipped="0" timestamp="${xml(header.startedAt.slice(0, 19))}">`,
    "    <properties>",
    `      <property name="run_id" value="${xml(header.runId)}"/>`,
    `      <property name="verdict" value="${report.verdict}"/>`,
    "    </properties>",
    ...cases.flatMap((each) => caseLines(each, scenario)),
    "  </testsuite>",
    "</testsuites>",
  ];
  return `${lines.join("\n")}\n`;
}

export const junit = defineReporter({
  format: "junit",
  render: (report) => [{ path: "junit.xml", content: junitXml(report) }],
});
