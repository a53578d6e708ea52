import type { SeedFileEntry } from './entry.ts';
import { encodeHex } from './hex.ts';
import { NAME_TOKEN, NO_TOKEN, refusal } from './values.ts';

/** Apart from the reader, whose library is not for a browser. */
export const WRITTEN_COLUMNS = [
  'serial',
  'seed',
  'algorithm',
  'digits',
  'period',
  'counter',
] as const;

/** @throws FobtwinError `invalidInput` when there are no entries */
export function formatCsv(entries: Iterable<SeedFileEntry>): string {
  const lines = Array.from(entries, ({ serial, seed, parameters, nextCounter }) => {
    const { algorithm, digits } = parameters;
    const period = parameters.type === 'time' ? parameters.stepSeconds : '';
    const counter = parameters.type === 'event' ? nextCounter : '';
    // None of these can hold a comma, a quote or a line end.
    return [serial, encodeHex(seed), algorithm, digits, period, counter].join(',');
  });
  if (lines.length === 0) {
    throw refusal({ field: 'line 2' }, 'required', NO_TOKEN, NAME_TOKEN);
  }
  return `${[WRITTEN_COLUMNS.join(','), ...lines].join('\n')}\n`;
}
