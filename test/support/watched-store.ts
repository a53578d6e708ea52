import sinon from 'sinon';
import type { Key, Store } from '../../server/store/port.ts';

/** What passes between decisions and the store: how many records each reads, writes and entries. */
export interface Traffic {
  readonly reads: readonly number[];
  /** Whether it writes any record. */
  readonly writes: readonly boolean[];
  readonly entries: readonly number[];
}

const textOf = ({ kind, id }: Key<unknown>): string => `${kind.name} ${id}`;

/** Runs `use`, and tells every decision that it led to. */
export async function trafficOf<T>(
  store: Store,
  use: () => Promise<T>,
): Promise<Traffic & { readonly result: T }> {
  const reads: number[] = [];
  const writes: boolean[] = [];
  const entries: number[] = [];
  const transact = sinon.stub(store, 'transact').callsFake((keys, decide) =>
    transact.wrappedMethod.call(store, keys, (records, also) => {
      const read = new Set(keys.map(textOf));
      const decision = decide(records, (key) => {
        read.add(textOf(key));
        return also(key);
      });
      reads.push(read.size);
      writes.push(decision.writes.length > 0);
      entries.push(decision.auditDrafts.length);
      return decision;
    }),
  );
  try {
    return { result: await use(), reads, writes, entries };
  } finally {
    transact.restore();
  }
}
