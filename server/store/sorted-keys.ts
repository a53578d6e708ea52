import { setImmediate as nextTurn } from 'node:timers/promises';

/** Keys compared before other work gets its turn: a millisecond or less. */
const COMPARED_A_TURN = 2048;
/** Sorted in one turn; larger pieces are merged. */
const SORTED_A_TURN = 256;
const LISTS_A_TURN = 4;

/**
 * Keys as they come, each once, and in the order of the database when that is asked for: what was
 * sorted before is not sorted again, and no turn takes long.
 */
export class SortedKeys {
  /** In the order in which they came. */
  readonly #keys: string[] = [];
  /** As many of the first of them. Never changed, but replaced. */
  #sorted: readonly string[] = [];
  #sorting: Promise<unknown> = Promise.resolve();

  get size(): number {
    return this.#keys.length;
  }

  add(key: string): void {
    this.#keys.push(key);
  }

  /** In order; of the keys that came after the first `count` there may be some. */
  first(count: number): Promise<readonly string[]> {
    const sorting = this.#sorting.then(() => this.#sort(count));
    this.#sorting = sorting;
    return sorting;
  }

  async #sort(count: number): Promise<readonly string[]> {
    const from = this.#sorted.length;
    if (from >= count) return this.#sorted;
    const lists: (readonly string[])[] = [];
    for (let at = from; at < count; at += SORTED_A_TURN) {
      if (at > from) await nextTurn();
      lists.push(this.#keys.slice(at, Math.min(at + SORTED_A_TURN, count)).sort(compareKeys));
    }
    this.#sorted = await merged(this.#sorted, await allMerged(lists));
    return this.#sorted;
  }
}

async function allMerged(lists: readonly (readonly string[])[]): Promise<readonly string[]> {
  if (lists.length <= 1) return lists[0] ?? [];
  // A merge of few keys lets nobody have a turn, and there are many of those.
  if (lists.length >= LISTS_A_TURN) await nextTurn();
  const middle = Math.ceil(lists.length / 2);
  return merged(await allMerged(lists.slice(0, middle)), await allMerged(lists.slice(middle)));
}

/** Of two lists in order one, in order. */
async function merged(a: readonly string[], b: readonly string[]): Promise<readonly string[]> {
  const [long, short] = a.length < b.length ? [b, a] : [a, b];
  if (short.length === 0) return long;
  const all: string[] = [];
  let compared = 0;
  let at = 0;
  for (const key of short) {
    const end = placeOf(long, key, at);
    for (; at < end; at += 1) all.push(long[at] ?? '');
    all.push(key);
    if (all.length - compared < COMPARED_A_TURN) continue;
    compared = all.length;
    await nextTurn();
  }
  for (; at < long.length; at += 1) all.push(long[at] ?? '');
  return all;
}

/**
 * Where in a list in order, from `from` on, the first is that is not less than `key`; the nearer it
 * is, the sooner it is found.
 */
export function placeOf(keys: readonly string[], key: string, from = 0): number {
  let least = from;
  let most = from;
  for (let step = 1; most < keys.length && compareKeys(keys[most] ?? '', key) < 0; step *= 2) {
    least = most + 1;
    most = Math.min(least + step, keys.length);
  }
  while (least < most) {
    const middle = (least + most) >>> 1;
    if (compareKeys(keys[middle] ?? '', key) < 0) least = middle + 1;
    else most = middle;
  }
  return least;
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
