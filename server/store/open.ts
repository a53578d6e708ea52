import { FobtwinError } from '../../shared/errors.ts';
import { emptyHead, hashLine } from '../audit/chain.ts';
import type { AuditHead } from '../audit/entry.ts';
import { genuine } from '../audit/verify.ts';
import { headOperation, lastLine, loadAuditIndex } from './audit-log.ts';
import { removals } from './audit-retention.ts';
import type { Backend, View } from './backend.ts';
import { Engine } from './engine.ts';
import { BASE_KEY, checkPart, HEAD_KEY } from './keys.ts';
import { misuse } from './misuse.ts';
import type { Store, StoreOptions } from './port.ts';
import { Records } from './records.ts';

const AUDIT_KEY_BYTES = 32;
const CACHED_RECORDS = { usual: 400_000, most: 4_000_000 } as const;
const QUEUED_DECISIONS = { usual: 10_000, most: 1_000_000 } as const;

/**
 * The store over `backend`, which it closes in the end. A new one gets the sealed head of an empty
 * log first, so that later a missing head is a fault and not a beginning.
 *
 * Where the log does not end as its sealed head says, nothing may be added to it: that would bury
 * the evidence. The store then opens as one that has failed, and can be read and verified only.
 */
export async function openStore(backend: Backend, options: StoreOptions): Promise<Store> {
  const { writer, auditKey } = options;
  checkPart(writer, 'the writer');
  if (auditKey.length !== AUDIT_KEY_BYTES) throw misuse('the audit key has 32 bytes');
  const cachedRecords = bounded(options.cachedRecords, CACHED_RECORDS, 0, 'cachedRecords');
  const queuedDecisions = bounded(options.queuedDecisions, QUEUED_DECISIONS, 1, 'queuedDecisions');
  const records = new Records(backend, options.kinds, cachedRecords);
  const head = (await isEmpty(backend))
    ? await begin(backend, options)
    : await soundHead(backend, options);
  const base = genuineBase(backend, options) ?? emptyHead(writer);
  if (head !== undefined) await finishRetention(backend, base);
  return new Engine({
    backend,
    records,
    head: head ?? emptyHead(writer),
    auditIndex: await viewed(backend, (view) => loadAuditIndex(view, base)),
    auditKey,
    queuedDecisions,
    damage: head === undefined ? damage() : undefined,
    observer: options.observer,
  });
}

function bounded(
  value: number | undefined,
  { usual, most }: { readonly usual: number; readonly most: number },
  least: number,
  name: string,
): number {
  const chosen = value ?? usual;
  if (Number.isInteger(chosen) && chosen >= least && chosen <= most) return chosen;
  throw misuse(`${name} is an integer from ${least} to ${most}`);
}

async function viewed<R>(backend: Backend, read: (view: View) => Promise<R>): Promise<R> {
  const view = backend.view();
  try {
    return await read(view);
  } finally {
    await view.close();
  }
}

/** Every key begins with a letter. */
const isEmpty = (backend: Backend): Promise<boolean> =>
  viewed(backend, async (view) => (await view.range({ below: '~', limit: 1 })).length === 0);

async function begin(backend: Backend, { writer, auditKey }: StoreOptions): Promise<AuditHead> {
  const head = emptyHead(writer);
  await backend.write([headOperation(head, auditKey)]);
  return head;
}

/** The head as stored; `undefined` when it is not genuine or the log does not end there. */
async function soundHead(backend: Backend, options: StoreOptions): Promise<AuditHead | undefined> {
  const head = genuine(backend.getSync(HEAD_KEY), 'head', options);
  const baseIsForged =
    backend.getSync(BASE_KEY) !== undefined && genuineBase(backend, options) === undefined;
  if (head === undefined || baseIsForged) return undefined;
  const last = await viewed(backend, lastLine);
  const ends =
    last === undefined
      ? head.sequence === 0
      : last.sequence === head.sequence && hashLine(last.line) === head.hash;
  return ends ? head : undefined;
}

const genuineBase = (backend: Backend, options: StoreOptions): AuditHead | undefined =>
  genuine(backend.getSync(BASE_KEY), 'base', options);

/** What a retention that was broken off has left before the base. */
const finishRetention = (backend: Backend, base: AuditHead): Promise<void> =>
  viewed(backend, async (view) => {
    for await (const operations of removals(view, base)) await backend.write(operations);
  });

const damage = (): FobtwinError =>
  new FobtwinError('dataDirectoryDamaged', 'The audit log does not end where its head says.', {
    nextStep: 'Run `fobd audit verify` to see what is wrong, then restore a backup.',
  });
