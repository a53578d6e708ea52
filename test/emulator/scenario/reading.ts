import { lintScenario } from '../../../emulator/scenario/lint.ts';
import { readScenario, type Scenario } from '../../../emulator/scenario/scenario.ts';

/** A scenario's text around some steps. */
export function scenarioText(steps: string, header = ''): string {
  return `name: Under test\nversion: 1\n${header}steps:\n${steps}`;
}

/** What is refused about a text, as `line:column: message`. */
export function refusalsOf(text: string): string[] {
  const read = readScenario(text, { file: 'test.yaml' });
  const refusals = 'refusals' in read ? read.refusals : lintScenario(read.scenario);
  return refusals.map(({ line, column, message }) => `${line}:${column}: ${message}`);
}

export function readSound(text: string, file = 'test.yaml'): Scenario {
  const read = readScenario(text, { file });
  const refusals = 'refusals' in read ? read.refusals : lintScenario(read.scenario);
  if ('scenario' in read && refusals.length === 0) return read.scenario;
  throw new Error(`refused: ${JSON.stringify(refusals)}`);
}
