import { encodeBase32 } from '../base32.ts';
import { BASE_COLUMNS, ENTRA_COLUMNS, LABEL_COLUMNS, WRITTEN_COLUMNS } from './csv-columns.ts';
import type { SeedFileEntry } from './entry.ts';
import { encodeHex } from './hex.ts';
import { type Entries, inPieces } from './pieces.ts';
import { NAME_TOKEN, NO_TOKEN, refusal } from './values.ts';

/** Apart from the reader, whose library is not for a browser. */

/** Kinds of CSV that are written. */
export type WrittenDialect = 'fobtwin' | 'entra';

/**
 * Our own CSV for a few entries, the seeds in the clear; columns that no entry needs are left away.
 *
 * @throws FobtwinError `invalidInput` when there are no entries, or a text has no place in a line
 */
export function formatCsv(entries: Iterable<SeedFileEntry>): string {
  const all = [...entries];
  if (all.length === 0) throw noToken();
  const labels = LABEL_COLUMNS.filter((name) => all.some((entry) => entry[name] !== undefined));
  const columns = [...BASE_COLUMNS, ...labels];
  const lines = all.map((entry, index) => ownLine(entry, columns, index + 2));
  return [columns.join(','), ...lines, ''].join('\n');
}

/**
 * CSV in pieces of text as the entries come, the seeds in the clear; it takes the memory of one
 * piece. Entra's holds time tokens of 6 digits and SHA-1 only, without an issuer.
 *
 * @throws FobtwinError `invalidInput` when there are no entries, a text has no place in a line, or
 * a token none in the dialect
 */
export function writeCsv(
  entries: Entries<SeedFileEntry>,
  { dialect = 'fobtwin' }: { readonly dialect?: WrittenDialect } = {},
): AsyncGenerator<string, void> {
  return inPieces(csvTexts(entries, WRITERS[dialect]));
}

interface Writer {
  readonly columns: readonly string[];
  line(entry: SeedFileEntry, number: number): string;
}

type OwnColumn = (typeof WRITTEN_COLUMNS)[number];

const WRITERS: Readonly<Record<WrittenDialect, Writer>> = {
  fobtwin: {
    columns: WRITTEN_COLUMNS,
    line: (entry, number) => ownLine(entry, WRITTEN_COLUMNS, number),
  },
  entra: { columns: ENTRA_COLUMNS, line: entraLine },
};

async function* csvTexts(
  entries: Entries<SeedFileEntry>,
  { columns, line }: Writer,
): AsyncGenerator<string, void> {
  let number = 1;
  for await (const entry of entries) {
    // Not before there is an entry: whoever is sent a file without one hears it before any of it.
    if (number === 1) yield `${columns.join(',')}\n`;
    number += 1;
    yield `${line(entry, number)}\n`;
  }
  if (number === 1) throw noToken();
}

function ownLine(entry: SeedFileEntry, columns: readonly OwnColumn[], line: number): string {
  const { serial, seed, parameters, nextCounter, account, manufacturer, model, issuer } = entry;
  const { algorithm, digits } = parameters;
  const values: Readonly<Record<OwnColumn, string | number | undefined>> = {
    serial,
    seed: encodeHex(seed),
    algorithm,
    digits,
    period: parameters.type === 'time' ? parameters.stepSeconds : undefined,
    counter: parameters.type === 'event' ? nextCounter : undefined,
    account,
    manufacturer,
    model,
    issuer,
  };
  return columns.map((column) => field(values[column], `line ${line}/${column}`)).join(',');
}

function entraLine(entry: SeedFileEntry, line: number): string {
  const { serial, seed, parameters, account, manufacturer, model, issuer } = entry;
  const fits =
    parameters.type === 'time' && parameters.algorithm === 'SHA1' && parameters.digits === 6;
  if (!fits || issuer !== undefined) {
    const what = 'this kind of CSV holds time tokens of 6 digits and SHA-1, without an issuer';
    throw refusal({ field: `line ${line}` }, 'notAllowed', what, 'Leave it away, or take PSKC.');
  }
  const values: Readonly<Record<(typeof ENTRA_COLUMNS)[number], string | number | undefined>> = {
    upn: account,
    'serial number': serial,
    'secret key': encodeBase32(seed),
    'time interval': parameters.stepSeconds,
    manufacturer,
    model,
  };
  return ENTRA_COLUMNS.map((column) => field(values[column], `line ${line}/${column}`)).join(',');
}

function field(value: string | number | undefined, place: string): string {
  const text = String(value ?? '');
  if (/[\r\n]/.test(text) || text !== text.trim() || (value !== undefined && text === '')) {
    const what = 'a line of CSV holds no line ends, and no white space around a value';
    throw refusal({ field: place }, 'badFormat', what, 'Change it, or take PSKC.');
  }
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const noToken = () => refusal({ field: 'line 2' }, 'required', NO_TOKEN, NAME_TOKEN);
