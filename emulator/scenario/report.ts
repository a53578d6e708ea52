import { formatTime } from '../../shared/time.ts';
import type { ScenarioResult, StepResult } from './run.ts';
import { stepTitle, whatWentWrong } from './run.ts';

/**
 * What became of the scenarios, for programs. A report holds the scenario's own time only, so that
 * one run's is the same text as the next one's.
 */

export const REPORT_FORMATS = ['junit', 'tap', 'json'] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

export function formatReport(results: readonly ScenarioResult[], format: ReportFormat): string {
  switch (format) {
    case 'junit':
      return formatJunit(results);
    case 'tap':
      return formatTap(results);
    case 'json':
      return `${JSON.stringify(reportJson(results), undefined, 2)}\n`;
  }
}

/** What `--json` prints, and `--report json` writes. */
export function reportJson(results: readonly ScenarioResult[]) {
  return {
    passed: results.every(({ verdict }) => verdict === 'passed'),
    scenarios: results.map(({ scenario, verdict, startedAt, endedAt, steps }) => ({
      file: scenario.file,
      name: scenario.name,
      randomSeed: scenario.randomSeed,
      clock: scenario.clock,
      verdict,
      startedAt: formatTime(startedAt),
      endedAt: formatTime(endedAt),
      steps: steps.map(stepJson),
    })),
  };
}

function stepJson({ step, verdict, at, mismatch, error }: StepResult) {
  const { number, name, command, line, column } = step;
  return {
    number,
    ...(name === undefined ? {} : { name }),
    command,
    line,
    column,
    verdict,
    at: formatTime(at),
    ...mismatch,
    ...(error === undefined ? {} : { error: error.message }),
  };
}

/** JUnit's XML as CI servers read it: a suite a scenario, a case a step. */
function formatJunit(results: readonly ScenarioResult[]): string {
  const suites = results.map((result) => {
    const { scenario, steps } = result;
    const count = (verdict: StepResult['verdict']) =>
      String(steps.filter((step) => step.verdict === verdict).length);
    const attributes = {
      name: scenario.name,
      file: scenario.file,
      tests: String(steps.length),
      failures: count('failed'),
      errors: count('broken'),
      skipped: count('skipped'),
      timestamp: formatTime(result.startedAt),
    };
    const cases = steps.map((step) => junitCase(result, step));
    return `  <testsuite${attributesOf(attributes)}>\n${cases.join('')}  </testsuite>\n`;
  });
  const head = '<?xml version="1.0" encoding="UTF-8"?>\n';
  return `${head}<testsuites name="fob scenario">\n${suites.join('')}</testsuites>\n`;
}

function junitCase(result: ScenarioResult, step: StepResult): string {
  const classname = result.scenario.file.replace(/\.ya?ml$/, '');
  const name = stepTitle(step.step);
  const attributes = attributesOf({ classname, name, line: String(step.step.line) });
  const inner = junitInner(result, step);
  return inner === ''
    ? `    <testcase${attributes}/>\n`
    : `    <testcase${attributes}>\n      ${inner}\n    </testcase>\n`;
}

function junitInner(result: ScenarioResult, step: StepResult): string {
  switch (step.verdict) {
    case 'passed':
      return '';
    case 'skipped':
      return '<skipped/>';
    case 'failed':
    case 'broken': {
      const message = whatWentWrong(result, step);
      const tag = step.verdict === 'failed' ? 'failure' : 'error';
      return `<${tag}${attributesOf({ message })}>${escapeXml(message)}</${tag}>`;
    }
  }
}

function attributesOf(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${escapeXml(value)}"`)
    .join('');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** Without the characters that XML 1.0 cannot hold (section 2.2). */
function escapeXml(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cs}\uFFFE\uFFFF]/gu, ' ')
    .replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign);
}

/** TAP version 14: a test point a scenario, its steps as a subtest. */
function formatTap(results: readonly ScenarioResult[]): string {
  const lines = ['TAP version 14', `1..${results.length}`];
  results.forEach((result, index) => {
    const { scenario, steps, verdict } = result;
    lines.push(`# Subtest: ${escapeTap(scenario.name)}`, `    1..${steps.length}`);
    for (const step of steps) lines.push(...tapStep(result, step).map((text) => `    ${text}`));
    lines.push(
      `${verdict === 'passed' ? 'ok' : 'not ok'} ${index + 1} - ${escapeTap(scenario.name)}`,
    );
  });
  return `${lines.join('\n')}\n`;
}

function tapStep(result: ScenarioResult, step: StepResult): string[] {
  const point = `${step.step.number} - ${escapeTap(stepTitle(step.step))}`;
  if (step.verdict === 'passed') return [`ok ${point}`];
  if (step.verdict === 'skipped') return [`ok ${point} # SKIP a step before it failed`];
  const message = JSON.stringify(whatWentWrong(result, step));
  return [
    `not ok ${point}`,
    '  ---',
    `  message: ${message}`,
    `  severity: ${step.verdict === 'failed' ? 'fail' : 'error'}`,
    '  ...',
  ];
}

const escapeTap = (text: string): string => text.replace(/[\\#]/g, (sign) => `\\${sign}`);
