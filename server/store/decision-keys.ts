import { recordKey } from './keys.ts';
import type { Key } from './port.ts';

/** Where among a decision's keys a write's key stands. */

/** Few keys are searched, many are looked up: an import brings 200,000. */
export const SEARCHED_KEYS = 8;

export type PlacesByKey = ReadonlyMap<string, number>;

const textOf = ({ kind, id }: Key<unknown>): string => recordKey(kind.name, id);

export const placesByKey = (keys: readonly Key<unknown>[]): PlacesByKey =>
  new Map(keys.map((key, place) => [textOf(key), place]));

/** Where among the decision's keys `key` stands; -1 when it does not. */
export function placeOf(
  key: Key<unknown>,
  keys: readonly Key<unknown>[],
  places: PlacesByKey | undefined,
): number {
  if (places !== undefined) return places.get(textOf(key)) ?? -1;
  return keys.findIndex(({ kind, id }) => kind === key.kind && id === key.id);
}
