import { hashLine, isGenuineHead, NO_HASH, parseLink, parseSealedHead } from './chain.ts';
import type { AuditHead, AuditVerdict, SealedAuditHead } from './entry.ts';

/** A stored line, and the sequence that its place in the store gives it. */
export interface StoredLine {
  readonly sequence: number;
  readonly line: string;
}

export interface VerifyOptions {
  /** Whose log it is. */
  readonly writer: string;
  /** What its head was sealed with. */
  readonly auditKey: Uint8Array;
}

type Fault = Extract<AuditVerdict, { sound: false }>['fault'];

interface Finding {
  readonly fault: Fault;
  readonly faultAt: number;
}

/**
 * Walks a log from its first entry and compares its end with its sealed head. Names the first
 * fault:
 *
 * - `changed`: entry `faultAt` is not what its successor, or the head, knows it by
 * - `removed`: entry `faultAt` is not there, though later ones are
 * - `unreadable`: what stands for entry `faultAt` is not an entry
 * - `tailCut`: the head knows entries from `faultAt` on that are not there
 * - `headForged`: there is no head, or it was not sealed with this key, or it is an older one;
 *   `faultAt` is the first entry that it does not vouch for
 *
 * @param lines in order of their places
 * @param headText the sealed head as stored; `undefined` when the store has none
 */
export async function verifyChain(
  lines: AsyncIterable<StoredLine>,
  headText: string | undefined,
  { writer, auditKey }: VerifyOptions,
): Promise<AuditVerdict> {
  const sealed = headText === undefined ? undefined : parseSealedHead(headText);
  const genuine = sealed?.writer === writer && isGenuineHead(sealed, auditKey) ? sealed : undefined;
  const walk = new ChainWalk(writer);
  for await (const stored of lines) {
    const finding = walk.next(stored);
    if (finding !== undefined) return unsound(finding, genuine);
  }
  const finding = walk.end(genuine);
  if (finding !== undefined) return unsound(finding, genuine);
  return { sound: true, entries: walk.entries, head: headOf(genuine) };
}

function unsound({ fault, faultAt }: Finding, head: SealedAuditHead | undefined): AuditVerdict {
  return { sound: false, entries: faultAt - 1, head: headOf(head), fault, faultAt };
}

const headOf = (sealed: SealedAuditHead | undefined): AuditHead | null =>
  sealed === undefined
    ? null
    : { writer: sealed.writer, sequence: sealed.sequence, hash: sealed.hash };

class ChainWalk {
  readonly #writer: string;
  /** Entries walked so far; the next has a sequence of one more. */
  entries = 0;
  #hash = NO_HASH;
  /**
   * Between the last entry and the one before it the chain is broken: one of the two was changed.
   * The successor of the last one tells which.
   */
  #brokenBeforeLast = false;

  constructor(writer: string) {
    this.#writer = writer;
  }

  next({ sequence, line }: StoredLine): Finding | undefined {
    const expected = this.entries + 1;
    const link = sequence === expected ? parseLink(line) : undefined;
    if (this.#brokenBeforeLast) return this.#whichChanged(link?.previousHash);
    if (sequence > expected) return { fault: 'removed', faultAt: expected };
    if (sequence !== expected) return { fault: 'changed', faultAt: expected };
    if (link === undefined) return { fault: 'unreadable', faultAt: expected };
    if (link.previousHash === this.#hash) {
      if (link.sequence !== expected || link.writer !== this.#writer) {
        return { fault: 'changed', faultAt: expected };
      }
    } else {
      // A later entry in this one's place: this one is gone.
      if (link.sequence > expected) return { fault: 'removed', faultAt: expected };
      if (link.sequence < expected) return { fault: 'changed', faultAt: expected };
      this.#brokenBeforeLast = true;
    }
    this.entries = expected;
    this.#hash = hashLine(line);
    return undefined;
  }

  end(head: SealedAuditHead | undefined): Finding | undefined {
    if (this.#brokenBeforeLast) {
      return this.#whichChanged(head?.sequence === this.entries ? head.hash : undefined);
    }
    if (head === undefined) return { fault: 'headForged', faultAt: 1 };
    if (head.sequence > this.entries) return { fault: 'tailCut', faultAt: this.entries + 1 };
    if (head.sequence < this.entries) return { fault: 'headForged', faultAt: head.sequence + 1 };
    return head.hash === this.#hash ? undefined : { fault: 'changed', faultAt: this.entries };
  }

  /** @param knownHash what the last entry's successor, or the head, knows it by */
  #whichChanged(knownHash: string | undefined): Finding {
    const lastIsWhole = knownHash === this.#hash;
    const first = this.entries === 1;
    return { fault: 'changed', faultAt: lastIsWhole && !first ? this.entries - 1 : this.entries };
  }
}
