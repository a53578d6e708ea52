import type { AuditFault } from '../../shared/wire/audit-schemas.ts';
import { emptyHead, hashLine, parseLink } from './chain.ts';
import type { AuditHead } from './entry.ts';

/** A stored line, and the sequence that its place in the store gives it. */
export interface StoredLine {
  readonly sequence: number;
  readonly line: string;
}

export interface Finding {
  readonly fault: AuditFault;
  readonly faultAt: number;
}

/** Walks lines from a known entry on, and names the first that does not follow. */
export class ChainWalk {
  readonly #writer: string;
  readonly #start: AuditHead;
  #sequence: number;
  #hash: string;
  /**
   * Between the last entry and the one before it the chain is broken: one of the two was changed.
   * The successor of the last one tells which.
   */
  #brokenBeforeLast = false;

  /** @param start what the first line follows; default nothing */
  constructor(writer: string, start: AuditHead = emptyHead(writer)) {
    this.#writer = writer;
    this.#start = start;
    this.#sequence = start.sequence;
    this.#hash = start.hash;
  }

  /** Where the walk stands: the last line's sequence and hash. */
  get last(): AuditHead {
    return { writer: this.#writer, sequence: this.#sequence, hash: this.#hash };
  }

  get entries(): number {
    return this.#sequence - this.#start.sequence;
  }

  next({ sequence, line }: StoredLine): Finding | undefined {
    const expected = this.#sequence + 1;
    const link = sequence === expected ? parseLink(line) : undefined;
    if (this.#brokenBeforeLast) return this.#whichChanged(link?.previousHash);
    if (sequence > expected) {
      return { fault: this.entries === 0 ? 'frontCut' : 'removed', faultAt: expected };
    }
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
    this.#sequence = expected;
    this.#hash = hashLine(line);
    return undefined;
  }

  /** @param head where the log ends, for all that is known; `undefined` where nothing is */
  end(head: AuditHead | undefined): Finding | undefined {
    const sequence = this.#sequence;
    if (this.#brokenBeforeLast) {
      return this.#whichChanged(head?.sequence === sequence ? head.hash : undefined);
    }
    if (head === undefined) return { fault: 'headForged', faultAt: this.#start.sequence + 1 };
    if (head.sequence > sequence) return { fault: 'tailCut', faultAt: sequence + 1 };
    if (head.sequence < sequence) return { fault: 'headForged', faultAt: head.sequence + 1 };
    return head.hash === this.#hash ? undefined : { fault: 'changed', faultAt: sequence };
  }

  /** @param knownHash what the last entry's successor, or the head, knows it by */
  #whichChanged(knownHash: string | undefined): Finding {
    const lastIsWhole = knownHash === this.#hash;
    const first = this.entries === 1;
    const faultAt = lastIsWhole && !first ? this.#sequence - 1 : this.#sequence;
    return { fault: 'changed', faultAt };
  }
}
