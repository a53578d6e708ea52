import type { KeyRange, Row, View } from './backend.ts';

/** Changes that lie over a database. */
export interface Layer {
  has(key: string): boolean;
  /** `undefined` where the key is removed, or the layer tells nothing of it. */
  get(key: string): string | undefined;
  keys(): Iterable<string>;
}

/** The latest layer that tells of a key. */
export const layerOf = (layers: readonly Layer[], key: string): Layer | undefined =>
  layers.find((layer) => layer.has(key));

/** A view with what lies over it: the latest layer first, none of them changed any more. */
export function overlaidView(view: View, layers: readonly Layer[]): View {
  return {
    async many(keys) {
      const below = await view.many(keys);
      return keys.map((key, place) => {
        const layer = layerOf(layers, key);
        return layer === undefined ? below[place] : layer.get(key);
      });
    },
    range: (range) => overlaidRange(view, layers, range),
    close: () => view.close(),
  };
}

async function overlaidRange(
  view: View,
  layers: readonly Layer[],
  range: KeyRange,
): Promise<readonly Row[]> {
  const { limit, reverse = false } = range;
  const order = (a: string, b: string) => (reverse ? compareKeys(b, a) : compareKeys(a, b));
  const over = keysIn(layers, range).sort(order);
  const rows: Row[] = [];
  let taken = 0;
  const takeOver = (until: string | undefined): void => {
    for (; taken < over.length && rows.length < limit; taken += 1) {
      const key = over[taken] ?? '';
      if (until !== undefined && order(key, until) > 0) return;
      const value = layerOf(layers, key)?.get(key);
      if (value !== undefined) rows.push([key, value]);
    }
  };
  for (let rest = range; rows.length < limit; ) {
    const below = await view.range(rest);
    for (const row of below) {
      takeOver(row[0]);
      if (rows.length < limit && layerOf(layers, row[0]) === undefined) rows.push(row);
    }
    const last = below.at(-1);
    if (last === undefined || below.length < limit) {
      takeOver(undefined);
      break;
    }
    rest = behind(rest, last[0]);
  }
  return rows;
}

/** What is left of a range once all up to `key` has been read. */
function behind({ from, above, below, limit, reverse = false }: KeyRange, key: string): KeyRange {
  if (!reverse) return { above: key, below, limit };
  return {
    ...(from !== undefined && { from }),
    ...(above !== undefined && { above }),
    below: key,
    limit,
    reverse,
  };
}

/** What the layers tell of in a range, each key once. */
function keysIn(layers: readonly Layer[], { from = '', above, below }: KeyRange): string[] {
  const least = above ?? from;
  const found = new Set<string>();
  for (const layer of layers) {
    for (const key of layer.keys()) {
      if (compareKeys(key, least) >= 0 && compareKeys(key, below) < 0) found.add(key);
    }
  }
  if (above !== undefined) found.delete(above);
  return [...found];
}

/** The first of the units by which UTF-16 writes characters beyond the others. */
const SURROGATE = 0xd800;
const BEHIND_SURROGATES = 0xe000;

/**
 * In order of their UTF-8 bytes, as the database has them. Texts compare by their UTF-16 units,
 * which is the same but for characters that UTF-16 writes as two.
 */
export function compareKeys(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  let at = 0;
  while (at < length && a.charCodeAt(at) === b.charCodeAt(at)) at += 1;
  if (at === length) return a.length - b.length;
  return placeOfUnit(a.charCodeAt(at)) - placeOfUnit(b.charCodeAt(at));
}

function placeOfUnit(unit: number): number {
  if (unit < SURROGATE) return unit;
  return unit < BEHIND_SURROGATES ? unit + 0x10000 : unit;
}
