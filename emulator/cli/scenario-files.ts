import { open } from 'node:fs/promises';
import path from 'node:path';
import { FobtwinError } from '../../shared/errors.ts';
import { DOCUMENT_LIMITS } from '../scenario/document.ts';
import { lintScenario } from '../scenario/lint.ts';
import type { Refusal } from '../scenario/refusal.ts';
import { readScenario, type Scenario } from '../scenario/scenario.ts';
import { shippedScenarios } from '../scenario/shipped.ts';
import { usageError } from './arguments.ts';

/** A scenario that was named on the command line, read and linted. */
export interface ScenarioFile {
  /** As errors and reports call it. */
  readonly file: string;
  /** Its own folder: pictures stand there, and programs run there. */
  readonly directory: string;
  /** Undefined when it is refused. */
  readonly scenario: Scenario | undefined;
  readonly refusals: readonly Refusal[];
}

export interface ReadOptions {
  /** Instead of the file's own. */
  readonly randomSeed?: number | undefined;
  readonly clock?: Scenario['clock'] | undefined;
}

/**
 * @param names files, names of shipped scenarios, or `all` for every shipped one
 * @throws FobtwinError `usage` for a name that is neither, `fileUnreadable`
 */
export async function readScenarioFiles(
  names: readonly string[],
  options: ReadOptions = {},
): Promise<readonly ScenarioFile[]> {
  const files: ScenarioFile[] = [];
  for (const { label, place } of await placesOf(names)) {
    const bytes = await readLimited(place, label);
    files.push(readOne(bytes, { label, place, options }));
  }
  return files;
}

interface Named {
  readonly label: string;
  readonly place: string;
}

async function placesOf(names: readonly string[]): Promise<readonly Named[]> {
  if (names.every(isFileName)) return names.map((name) => ({ label: name, place: name }));
  const shipped = await shippedScenarios();
  const labelled = shipped.map(({ name, file }) => ({ label: `${name}.yaml`, place: file, name }));
  return names.flatMap((name) => {
    if (isFileName(name)) return [{ label: name, place: name }];
    const chosen = labelled.filter((one) => name === 'all' || one.name === name);
    if (chosen.length > 0) return chosen;
    throw usageError(
      `No scenario "${name}" comes with fob`,
      'See `fob scenario list`; a file of your own ends in .yaml.',
    );
  });
}

const isFileName = (name: string): boolean => /[/\\]|\.ya?ml$/i.test(name);

interface Reading extends Named {
  readonly options: ReadOptions;
}

function readOne(bytes: Uint8Array, { label, place, options }: Reading): ScenarioFile {
  const at = { file: label, directory: path.dirname(path.resolve(place)) };
  const text = textOf(bytes);
  if (text === undefined) return { ...at, scenario: undefined, refusals: [NO_TEXT] };
  const read = readScenario(text, { file: label });
  if ('refusals' in read) return { ...at, scenario: undefined, refusals: read.refusals };
  const { randomSeed = read.scenario.randomSeed, clock = read.scenario.clock } = options;
  const scenario = { ...read.scenario, randomSeed, clock };
  const refusals = lintScenario(scenario);
  return { ...at, scenario: refusals.length === 0 ? scenario : undefined, refusals };
}

/** One sign over what a scenario may have: then it is refused, though a part of a sign be cut. */
const READ_BYTES_MAX = DOCUMENT_LIMITS.bytes + 4;

async function readLimited(place: string, label: string): Promise<Uint8Array> {
  try {
    const handle = await open(place);
    try {
      const bytes = Buffer.alloc(READ_BYTES_MAX);
      let length = 0;
      for (let read = 1; read > 0 && length < bytes.length; length += read) {
        read = (await handle.read(bytes, length, bytes.length - length)).bytesRead;
      }
      return bytes.subarray(0, length);
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw new FobtwinError('fileUnreadable', `${label} cannot be read`, {
      nextStep: 'Name a file that is there, or a scenario of `fob scenario list`.',
      cause: error,
    });
  }
}

const NO_TEXT: Refusal = { line: 1, column: 1, message: 'A scenario is text in UTF-8' };

/** Undefined for what is no text. */
function textOf(bytes: Uint8Array): string | undefined {
  const isCut = bytes.length > DOCUMENT_LIMITS.bytes;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: isCut });
  } catch {
    return undefined;
  }
}
