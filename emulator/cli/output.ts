import { FobtwinError } from '../../shared/errors.ts';
import type { CliEnv, ExitCode, Output } from './env.ts';

/** One object on standard output, as `--json` promises. */
export function printJson({ stdout }: CliEnv, value: unknown): void {
  stdout.write(`${JSON.stringify(value)}\n`);
}

export function printLines({ stdout }: CliEnv, lines: readonly string[]): void {
  stdout.write(`${lines.join('\n')}\n`);
}

/** Something the person should know, though it went well. */
export function warn({ stderr }: CliEnv, text: string): void {
  stderr.write(`fob: ${text}\n`);
}

/** Colour only for a person who has not said no to it (no-color.org). */
export function wantsColour(output: Output, { variables }: CliEnv): boolean {
  const refused = (variables['NO_COLOR'] ?? '') !== '' || variables['TERM'] === 'dumb';
  return output.isTTY === true && !refused;
}

/** Says what went wrong and what to do next; the exit code is the error's. */
export function reportError(error: unknown, env: CliEnv, command?: string): ExitCode {
  if (!(error instanceof FobtwinError)) {
    env.stderr.write(`fob: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
  const unnamed = error.errors.filter(({ field }) => !error.message.includes(field));
  const places = unnamed.map(({ field, code }) => `${field}: ${code}`).join(', ');
  const where = places === '' ? '' : ` (${places})`;
  env.stderr.write(`fob: ${error.message}${where}\n`);
  if (error.nextStep !== undefined) env.stderr.write(`  ${error.nextStep}\n`);
  if (error.code !== 'usage') return 1;
  if (error.nextStep === undefined) {
    env.stderr.write(`  See \`fob ${command === undefined ? '' : `${command} `}--help\`.\n`);
  }
  return 2;
}
