import { expect } from 'chai';
import type { AuditQuery } from '../../../server/audit/entry.ts';
import type { Store } from '../../../server/store/port.ts';
import { type CountingBackend, draftOf, momentOf } from './long-log.ts';

const RUN_ENTRIES = 4096;
const LIMIT = 50;

export interface RowsRead {
  readonly query: string;
  readonly items: number;
  readonly segments: number;
  readonly index: number;
}

/**
 * Asks a long log for pages of every kind and fails where one reads more than it returns: of the
 * log the segments that the page's entries lie in, and of the index at most one row of each run for
 * a value, and one of the two runs that a span of time cuts into.
 */
export async function expectFewRows(
  store: Store,
  backend: CountingBackend,
  last: number,
): Promise<readonly RowsRead[]> {
  const runs = Math.floor(last / RUN_ENTRIES);
  const middle = Math.floor(last / 2);
  const { serial, account, application } = draftOf(middle);
  const hour = { from: momentOf(middle), to: momentOf(middle + 36_000) };
  const minute = { from: momentOf(middle), to: momentOf(middle + LIMIT) };
  const asked: readonly (readonly [string, object, number])[] = [
    ['all', {}, 0],
    ['serial', { serial }, runs],
    ['account', { account }, runs],
    ['application', { application }, 1],
    ['serial and account', { serial, account }, 2 * runs],
    ['from a moment on', { from: minute.from }, 1],
    ['a minute', minute, 1],
    ['serial within an hour', { serial, ...hour }, Math.ceil(36_000 / RUN_ENTRIES) + 4],
    ['application within a minute', { application, ...minute }, 2],
    ['before everything', { to: momentOf(0) }, 0],
    ['after everything', { from: momentOf(last + 1) }, 0],
    ['no such serial', { serial: 'NONE' }, runs],
  ];
  const figures: RowsRead[] = [];
  for (const [query, about, indexRowsMax] of asked) {
    backend.read.length = 0;
    const page = await store.auditPage({ limit: LIMIT, after: 0, ...about } as AuditQuery);
    // The last segment is looked at once for where the log ends.
    const segments = new Set(backend.read.filter((key) => key.startsWith('a'))).size - 1;
    const index = backend.read.filter((key) => key.startsWith('x')).length;
    const figure = { query, items: page.items.length, segments, index };
    const text = JSON.stringify(figure);
    // A page that may cut into one segment, and a span of time into a block at each end.
    expect(segments, text).to.be.at.most(page.items.length + 3);
    expect(index, text).to.be.at.most(indexRowsMax);
    expect(backend.read.length, text).to.be.at.most(segments + index + 3);
    figures.push(figure);
  }
  return figures;
}
