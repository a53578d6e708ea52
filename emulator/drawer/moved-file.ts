import { createHash } from 'node:crypto';
import { type FieldErrorCode, FobtwinError } from '../../shared/errors.ts';
import type { Rng } from '../../shared/rng.ts';
import { type DeviceFile, formatDevice, parseDevice } from './device-file.ts';
import { readJson } from './json-group.ts';
import {
  checkPassphrase,
  newStretch,
  readStretch,
  type Stretch,
  stretch,
  wrongPassphrase,
} from './protection.ts';
import { seal, unseal } from './sealing.ts';

/**
 * A whole drawer as one text: a first line that says how its passphrase becomes a key, then a
 * sealed line for each device. Each line is bound to the first and to its place, so that none can
 * be left away, doubled or exchanged.
 */

const FORMAT = 1;
/** As many tokens as `fob make` makes at once, and what they come to. */
export const MOVED_TOKENS_MAX = 100_000;
export const MOVED_FILE_BYTES_MAX = 512 * 1024 * 1024;

interface FirstLine {
  readonly tokens: number;
  readonly stretch: Stretch;
}

/** @throws FobtwinError `invalidInput` for a passphrase that is too short */
export function formatMovedFile(
  files: readonly DeviceFile[],
  passphrase: string,
  { rng, cost }: { readonly rng: Rng; readonly cost?: number },
): string {
  checkPassphrase(passphrase);
  if (files.length > MOVED_TOKENS_MAX) throw tooManyTokens();
  const made: FirstLine = { tokens: files.length, stretch: newStretch(rng, cost) };
  const key = stretch(passphrase, made.stretch);
  const described = JSON.stringify({ fobDrawer: FORMAT, ...made });
  const check = seal('', key, described, rng);
  const first = JSON.stringify({ fobDrawer: FORMAT, ...made, check });
  const lines = files.map((file, index) => {
    const text = JSON.stringify({ revision: file.revision, device: formatDevice(file) });
    return seal(text, key, boundTo(first, index), rng);
  });
  return `${[first, ...lines].join('\n')}\n`;
}

/**
 * @param file its path, to name it in an error
 * @throws FobtwinError `wrongDrawerKey`, `drawerDamaged`, `drawerNewer`
 */
export function parseMovedFile(text: string, passphrase: string, file: string): DeviceFile[] {
  const fail = (field: string, code: FieldErrorCode) => movedFileDamaged(file, field, code);
  // Of a file of empty lines no more are made than one too many.
  const [first = '', ...lines] = text.split('\n', MOVED_TOKENS_MAX + 3);
  const { tokens, stretch: made, check } = readFirstLine(first, file);
  const key = stretch(passphrase, made);
  const described = JSON.stringify({ fobDrawer: FORMAT, tokens, stretch: made });
  if (unseal(check, key, described) === undefined) throw wrongPassphrase(file);
  if (lines.pop() !== '' || lines.length !== tokens) throw fail('', 'truncated');
  return lines.map((line, index) => {
    const place = `line ${index + 2}`;
    const opened = unseal(line, key, boundTo(first, index));
    if (opened === undefined) throw fail(place, 'notAllowed');
    const group = readJson(opened, (_pointer, code) => fail(place, code));
    const kept = parseDevice(group.text('device', opened.length), (_pointer, code) =>
      fail(place, code),
    );
    return { ...kept, revision: group.integer('revision', 1) };
  });
}

function readFirstLine(first: string, file: string): FirstLine & { readonly check: string } {
  const group = readJson(first, (_pointer, code) => movedFileDamaged(file, 'line 1', code));
  const format = group.integer('fobDrawer', 1);
  if (format > FORMAT) {
    throw new FobtwinError(
      'drawerNewer',
      `${file} has format ${format}; this fob reads ${FORMAT}`,
      {
        nextStep: 'Use the newer fob that wrote it.',
      },
    );
  }
  const line = {
    tokens: group.integer('tokens', 1, MOVED_TOKENS_MAX),
    stretch: readStretch(group.group('stretch')),
    check: group.text('check', 256),
  };
  group.done();
  return line;
}

function boundTo(first: string, index: number): string {
  return `fob moved device\n${createHash('sha256').update(first).digest('hex')}\n${index}`;
}

export function movedFileDamaged(file: string, field: string, code: FieldErrorCode): FobtwinError {
  const place = field === '' ? '' : ` at ${field}`;
  return new FobtwinError(
    'drawerDamaged',
    `${file} is no drawer that was exported whole${place} (${code})`,
    { errors: [{ field, code }], nextStep: 'Nothing was imported. Use another copy of the file.' },
  );
}

function tooManyTokens(): FobtwinError {
  return new FobtwinError('invalidInput', `At most ${MOVED_TOKENS_MAX} tokens move at once`, {
    nextStep: 'Keep them in several drawers.',
  });
}
