import { type Key, type Kind, keyOf } from '../store/port.ts';
import type { WrappedDataKey } from './port.ts';

/** Data keys by id. Those that no seed is sealed with any more are removed. */
export const DATA_KEYS: Kind<WrappedDataKey> = {
  name: 'dataKey',
  indexes: [],
  indexValues: () => [],
};

export const dataKeyKey = (id: string): Key<WrappedDataKey> => keyOf(DATA_KEYS, id);
