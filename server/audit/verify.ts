import { isGenuineHead, parseSealedHead, type SealPurpose } from './chain.ts';
import type { AuditHead, AuditVerdict } from './entry.ts';
import { ChainWalk, type Finding, type StoredLine } from './walk.ts';

/** What a checkpoint says of the log, once its signature is known to be genuine. */
export type Known = Pick<AuditHead, 'sequence' | 'hash'>;

export interface VerifyOptions {
  /** Whose log it is. */
  readonly writer: string;
  /** What its head and its base were sealed with. */
  readonly auditKey: Uint8Array;
  /** The sealed base as stored. Default none: the log begins with its first entry. */
  readonly baseText?: string | undefined;
  /** What the log is compared with. Default nothing. */
  readonly checkpoint?: Known | undefined;
}

/**
 * Walks a log from its base and compares its end with its sealed head, and both with a checkpoint.
 * Names the first fault (see `AUDIT_FAULTS`).
 *
 * @param lines in order of their places, from the base on
 * @param headText the sealed head as stored; `undefined` when the store has none
 */
export async function verifyChain(
  lines: AsyncIterable<StoredLine>,
  headText: string | undefined,
  options: VerifyOptions,
): Promise<AuditVerdict> {
  const head = genuine(headText, 'head', options);
  const base = genuine(options.baseText, 'base', options);
  if (options.baseText !== undefined && base === undefined) {
    return unsound({ fault: 'baseForged', faultAt: 1 }, 0, { head });
  }
  const { writer, checkpoint } = options;
  const walk = new ChainWalk(writer, base);
  const comparison = new Comparison(checkpoint);
  comparison.see(walk.last);
  for await (const stored of lines) {
    const finding = walk.next(stored);
    if (finding !== undefined) return unsound(finding, before(finding, base), { head, base });
    if (checkpoint !== undefined) comparison.see(walk.last);
  }
  const finding = walk.end(head);
  if (finding !== undefined) return unsound(finding, before(finding, base), { head, base });
  const foreign = comparison.end(walk.last);
  if (foreign !== undefined) return unsound(foreign, walk.entries, { head, base });
  return {
    sound: true,
    entries: walk.entries,
    head: head ?? null,
    ...(base === undefined ? {} : { base }),
    ...(checkpoint === undefined ? {} : { checkpoint: comparison.result }),
  };
}

/** What was sealed, if it was with this key, by this writer and for this purpose. */
export function genuine(
  text: string | undefined,
  purpose: SealPurpose,
  { writer, auditKey }: Pick<VerifyOptions, 'writer' | 'auditKey'>,
): AuditHead | undefined {
  const sealed = text === undefined ? undefined : parseSealedHead(text);
  if (sealed?.writer !== writer || !isGenuineHead(sealed, auditKey, purpose)) return undefined;
  return { writer, sequence: sealed.sequence, hash: sealed.hash };
}

/** Entries before the fault. */
export const before = ({ faultAt }: Finding, base: AuditHead | undefined): number =>
  Math.max(0, faultAt - 1 - (base?.sequence ?? 0));

function unsound(
  { fault, faultAt }: Finding,
  entries: number,
  { head, base }: { readonly head?: AuditHead | undefined; readonly base?: AuditHead | undefined },
): AuditVerdict {
  return {
    sound: false,
    entries,
    head: head ?? null,
    ...(base === undefined ? {} : { base }),
    fault,
    faultAt,
  };
}

/** Holds the walk against what a checkpoint knows of one entry. */
export class Comparison {
  readonly #known: Known | undefined;
  #finding: Finding | undefined;
  #matched = false;

  constructor(known: Known | undefined) {
    this.#known = known;
  }

  get result(): 'matched' | 'beforeBase' {
    return this.#matched ? 'matched' : 'beforeBase';
  }

  see({ sequence, hash }: Known): void {
    if (sequence !== this.#known?.sequence) return;
    if (hash === this.#known.hash) this.#matched = true;
    else this.#finding = { fault: 'forked', faultAt: Math.max(1, sequence) };
  }

  /** @param last where the log ends */
  end(last: Known): Finding | undefined {
    if (this.#known === undefined || this.#known.sequence <= last.sequence) return this.#finding;
    return { fault: 'rolledBack', faultAt: last.sequence + 1 };
  }
}
