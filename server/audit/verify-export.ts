import type { KeyObject } from 'node:crypto';
import type { AuditFault } from '../../shared/wire/audit-schemas.ts';
import {
  type Checkpoint,
  isGenuineCheckpoint,
  parseCheckpoint,
  parsePublicKey,
} from './checkpoint.ts';
import type { AuditHead } from './entry.ts';
import { type ExportHeader, parseHeader } from './export.ts';
import { before, Comparison, type Known } from './verify.ts';
import { ChainWalk, type Finding } from './walk.ts';

export interface ExportVerdict {
  readonly sound: boolean;
  /** Entries found sound, over all files. */
  readonly entries: number;
  /** What the first entry of the first file follows. */
  readonly base: AuditHead | null;
  /** The last entry that the last file's checkpoint vouches for; null where none does. */
  readonly head: AuditHead | null;
  /**
   * Whose signatures were checked: those of a key that was handed in, or of the key that stands in
   * the file itself, which proves that the file is whole but not whose it is.
   */
  readonly signedBy: 'givenKey' | 'ownKey';
  readonly checkpoint?: 'matched' | 'beforeBase';
  readonly fault?: AuditFault;
  readonly faultAt?: number;
  /** Which file has the fault, from 0. */
  readonly faultIn?: number;
}

export interface VerifyExportsOptions {
  /** Kept apart from the files. Default: the key in the first file. */
  readonly publicKey?: KeyObject | undefined;
  /** What the entries are compared with, its signature known to be genuine. */
  readonly checkpoint?: Known | undefined;
}

/**
 * Verifies export files, in order, as one chain. Each is read once, a line at a time.
 *
 * @param files of each its lines, without their ends
 */
export async function verifyExports(
  files: readonly AsyncIterable<string>[],
  { publicKey, checkpoint }: VerifyExportsOptions = {},
): Promise<ExportVerdict> {
  const comparison = new Comparison(checkpoint);
  const signedBy = publicKey === undefined ? 'ownKey' : 'givenKey';
  let base: AuditHead | null = null;
  let head: AuditHead | null = null;
  let key = publicKey;
  let entries = 0;
  for (const [faultIn, lines] of files.entries()) {
    const file: ExportWalk = new ExportWalk(head ?? undefined, key, comparison);
    const finding = await file.over(lines);
    entries += file.entries;
    base ??= file.start ?? null;
    if (finding !== undefined) {
      // The walk sees one entry more before it knows that the one before it was changed.
      const sound = Math.min(entries, before(finding, base ?? undefined));
      return { sound: false, entries: sound, base, head, signedBy, ...finding, faultIn };
    }
    head = file.end ?? null;
    key = file.key;
  }
  const foreign = head === null ? undefined : comparison.end(head);
  const found = { entries, base, head, signedBy } as const;
  if (foreign !== undefined) return { sound: false, ...found, ...foreign };
  return {
    sound: true,
    ...found,
    ...(checkpoint === undefined ? {} : { checkpoint: comparison.result }),
  };
}

/** One file: its header, its lines, its checkpoint. */
class ExportWalk {
  readonly #previous: AuditHead | undefined;
  readonly #comparison: Comparison;
  #key: KeyObject | undefined;
  #walk: ChainWalk | undefined;
  #start: AuditHead | undefined;
  /** The line before the one at hand: of the last line nobody knows that until the file ends. */
  #held: string | undefined;

  constructor(previous: AuditHead | undefined, key: KeyObject | undefined, comparison: Comparison) {
    this.#previous = previous;
    this.#key = key;
    this.#comparison = comparison;
  }

  get entries(): number {
    return this.#walk?.entries ?? 0;
  }
  get start(): AuditHead | undefined {
    return this.#start;
  }
  get end(): AuditHead | undefined {
    return this.#walk?.last;
  }
  get key(): KeyObject | undefined {
    return this.#key;
  }

  /** @returns what is wrong first */
  async over(lines: AsyncIterable<string>): Promise<Finding | undefined> {
    for await (const line of lines) {
      const finding = this.#take(line);
      if (finding !== undefined) return finding;
    }
    return this.#close();
  }

  #take(line: string): Finding | undefined {
    if (this.#walk === undefined) return this.#begin(line);
    const held = this.#held;
    this.#held = line;
    return held === undefined ? undefined : this.#step(held, this.#walk);
  }

  #begin(line: string): Finding | undefined {
    const header = parseHeader(line);
    const sequence = (this.#previous?.sequence ?? 0) + 1;
    if (header === undefined) return { fault: 'unreadable', faultAt: sequence };
    const start = startOf(header);
    this.#start = start;
    const finding = this.#previous && doesFollow(this.#previous, start);
    if (finding !== undefined) return finding;
    this.#key ??= parsePublicKey(header.publicKey);
    this.#walk = new ChainWalk(start.writer, start);
    this.#comparison.see(start);
    return undefined;
  }

  #step(line: string, walk: ChainWalk): Finding | undefined {
    const finding = walk.next({ sequence: walk.last.sequence + 1, line });
    if (finding === undefined) this.#comparison.see(walk.last);
    return finding;
  }

  #close(): Finding | undefined {
    const walk = this.#walk;
    if (walk === undefined) return { fault: 'unreadable', faultAt: 1 };
    const checkpoint = this.#held === undefined ? undefined : parseCheckpoint(this.#held);
    if (checkpoint === undefined) {
      // Cut in the middle: what stands last is an entry, or a piece of one.
      const finding = this.#held === undefined ? undefined : this.#step(this.#held, walk);
      const cut: Finding = { fault: 'tailCut', faultAt: walk.last.sequence + 1 };
      return finding === undefined || finding.fault === 'unreadable' ? cut : finding;
    }
    return this.#judge(checkpoint, walk.last) ?? walk.end(checkpoint);
  }

  #judge(checkpoint: Checkpoint, { writer, sequence }: AuditHead): Finding | undefined {
    const isGenuine =
      this.#key !== undefined &&
      checkpoint.writer === writer &&
      isGenuineCheckpoint(checkpoint, this.#key);
    // An older one of this key is genuine, but vouches for other lines than these.
    const isOlder = checkpoint.sequence < sequence;
    if (isGenuine && !isOlder) return undefined;
    return { fault: 'checkpointForged', faultAt: Math.max(1, sequence) };
  }
}

const startOf = ({ writer, from, previousHash }: ExportHeader): AuditHead => ({
  writer,
  sequence: from - 1,
  hash: previousHash,
});

/** Whether a file that begins after `start` goes on where the one before it ended. */
function doesFollow(previous: AuditHead, start: AuditHead): Finding | undefined {
  if (start.sequence > previous.sequence) {
    return { fault: 'removed', faultAt: previous.sequence + 1 };
  }
  const isNext =
    start.sequence === previous.sequence &&
    start.hash === previous.hash &&
    start.writer === previous.writer;
  return isNext ? undefined : { fault: 'changed', faultAt: start.sequence };
}
