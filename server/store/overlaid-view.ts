import type { KeyRange, Row, View } from './backend.ts';
import { compareKeys, placeOf } from './sorted-keys.ts';

/** Changes that lie over a database. */
export interface Layer {
  has(key: string): boolean;
  /** `undefined` where the key is removed, or the layer tells nothing of it. */
  get(key: string): string | undefined;
}

/** One that a view reads, and that is not changed any more. */
export interface StillLayer extends Layer {
  /** In the order of the database: what the layer tells of, and maybe others. */
  sorted(): Promise<readonly string[]>;
  /** It is not read any more. */
  release(): void;
}

/** The latest layer that tells of a key. */
export const layerOf = (layers: readonly Layer[], key: string): Layer | undefined =>
  layers.find((layer) => layer.has(key));

/** A view with what lies over it: the latest layer first. */
export function overlaidView(view: View, layers: readonly StillLayer[]): View {
  return {
    async many(keys) {
      const below = await view.many(keys);
      return keys.map((key, place) => {
        const layer = layerOf(layers, key);
        return layer === undefined ? below[place] : layer.get(key);
      });
    },
    range: (range) => overlaidRange(view, layers, range),
    close() {
      for (const layer of layers) layer.release();
      return view.close();
    },
  };
}

/** Read on with at least: where much of the database is removed, little comes of a read. */
const READ_ON_LEAST = 64;

async function overlaidRange(
  view: View,
  layers: readonly StillLayer[],
  range: KeyRange,
): Promise<readonly Row[]> {
  const { limit, reverse = false } = range;
  const lists = await Promise.all(layers.map((layer) => layer.sorted()));
  const over = keysWithin(lists, range);
  let next = over.next();
  const rows: Row[] = [];
  const takeOver = (until: string | undefined): void => {
    for (; next.done !== true && rows.length < limit; next = over.next()) {
      const key = next.value;
      if (until !== undefined && isBehind(key, until, reverse)) return;
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
    if (last === undefined || below.length < rest.limit) {
      takeOver(undefined);
      break;
    }
    rest = behind(rest, last[0]);
  }
  return rows;
}

const isBehind = (key: string, other: string, reverse: boolean): boolean =>
  reverse ? compareKeys(key, other) < 0 : compareKeys(key, other) > 0;

/** What is left of a range once all up to `key` has been read. */
function behind(range: KeyRange, key: string): KeyRange {
  const limit = Math.max(range.limit, READ_ON_LEAST);
  return range.reverse === true ? { ...range, below: key, limit } : { ...range, above: key, limit };
}

/** What the lists have in a range, each key once, in the range's order, as they are asked for. */
function* keysWithin(
  lists: readonly (readonly string[])[],
  { from = '', above, below, reverse = false }: KeyRange,
): Generator<string, undefined> {
  const rests = lists.map((keys) => {
    const first = placeOf(keys, above ?? from);
    const least = above !== undefined && keys[first] === above ? first + 1 : first;
    return { keys, least, end: placeOf(keys, below, least) };
  });
  const nextOf = ({ keys, least, end }: (typeof rests)[number]) =>
    least < end ? keys[reverse ? end - 1 : least] : undefined;
  for (;;) {
    let found: string | undefined;
    for (const rest of rests) {
      const key = nextOf(rest);
      if (key === undefined) continue;
      if (found === undefined || isBehind(found, key, reverse)) found = key;
    }
    if (found === undefined) return;
    for (const rest of rests) {
      if (nextOf(rest) !== found) continue;
      if (reverse) rest.end -= 1;
      else rest.least += 1;
    }
    yield found;
  }
}
