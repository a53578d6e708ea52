import { FobtwinError } from '../../shared/errors.ts';
import { parseObject } from './chain.ts';
import { type Checkpoint, checkpointText } from './checkpoint.ts';
import type { AuditHead } from './entry.ts';
import { ChainWalk, type StoredLine } from './walk.ts';

/**
 * An export: stored lines exactly as they are, a line each, between a header and a signed
 * checkpoint of the last of them. Whoever has it can verify it without the server, and a file that
 * was cut has no checkpoint at its end.
 */
const EXPORT_TYPE = 'fobdAuditExport';
const EXPORT_FORMAT = 1;

export interface ExportHeader {
  readonly writer: string;
  /** The first entry's sequence; one more than the last one's where there are none. */
  readonly from: number;
  /** What the first entry follows; 64 zeros where it is the first of all. */
  readonly previousHash: string;
  /** PEM: whose checkpoint the last line is, as the server says. */
  readonly publicKey: string;
}

function headerText({ writer, from, previousHash, publicKey }: ExportHeader): string {
  const format = EXPORT_FORMAT;
  return JSON.stringify({ type: EXPORT_TYPE, format, writer, from, previousHash, publicKey });
}

export function parseHeader(text: string): ExportHeader | undefined {
  const value = parseObject(text);
  if (value?.['type'] !== EXPORT_TYPE || value['format'] !== EXPORT_FORMAT) return undefined;
  const { writer, from, previousHash, publicKey } = value;
  if (typeof writer !== 'string' || typeof previousHash !== 'string') return undefined;
  if (typeof from !== 'number' || !Number.isSafeInteger(from) || from < 1) return undefined;
  return typeof publicKey === 'string' ? { writer, from, previousHash, publicKey } : undefined;
}

/** Pieces are of about this length: few enough for the network, small enough for memory. */
const PIECE_CHARACTERS = 64 * 1024;

export interface ExportParts {
  /** What the first line follows. */
  readonly after: AuditHead;
  /** The last line's sequence. */
  readonly until: number;
  readonly publicKey: string;
  /** Signs what the lines have turned out to come to. */
  readonly sign: (last: AuditHead) => Checkpoint;
}

/**
 * The text of an export, piece by piece.
 *
 * @throws FobtwinError `dataDirectoryDamaged` at the first line that does not follow: an export
 * that is whole verifies
 */
export async function* exportPieces(
  lines: AsyncIterable<StoredLine>,
  { after, until, publicKey, sign }: ExportParts,
): AsyncGenerator<string> {
  const { writer, sequence, hash } = after;
  const header = { writer, from: sequence + 1, previousHash: hash, publicKey };
  let piece = `${headerText(header)}\n`;
  const walk = new ChainWalk(writer, after);
  for await (const stored of lines) {
    if (walk.next(stored) !== undefined) throw damaged(stored.sequence);
    piece += `${stored.line}\n`;
    if (piece.length < PIECE_CHARACTERS) continue;
    yield piece;
    piece = '';
  }
  const { last } = walk;
  if (last.sequence !== until || walk.end(last) !== undefined) throw damaged(last.sequence);
  yield `${piece}${checkpointText(sign(last))}\n`;
}

const damaged = (sequence: number): FobtwinError =>
  new FobtwinError('dataDirectoryDamaged', 'The audit log is damaged: it cannot be exported.', {
    detail: `found at audit entry ${sequence}`,
    nextStep: 'Run `fobd audit verify` to see what is wrong.',
  });
