import { type Key, type Kind, keyOf } from '../store/port.ts';
import type { RotationRecord, WrappedDataKey } from './port.ts';

/** Data keys by id. Those that no seed is sealed with any more are removed. */
export const DATA_KEYS: Kind<WrappedDataKey> = {
  name: 'dataKey',
  indexes: [],
  indexValues: () => [],
};

export const dataKeyKey = (id: string): Key<WrappedDataKey> => keyOf(DATA_KEYS, id);

/** As many as rotation ever leaves in use at once. */
export const DATA_KEYS_MAX = 100;

/** How the exchange of the data key goes: one record. */
export const ROTATIONS: Kind<RotationRecord> = {
  name: 'keyRotation',
  indexes: [],
  indexValues: () => [],
};

export const ROTATION_KEY: Key<RotationRecord> = keyOf(ROTATIONS, 'dataKey');
