import path from 'node:path';
import { createDeviceStore, type DeviceStore } from './device-store.ts';
import { createKeyring, type Keyring } from './keyring.ts';
import type { LockEnv } from './lock.ts';
import type { Protection } from './protection.ts';

/** What a drawer is made of; the verbs stand over it (`drawer.ts`, `moving.ts`). */
export interface DrawerParts {
  /** Absolute. */
  readonly directory: string;
  readonly keyring: Keyring;
  readonly store: DeviceStore;
  readonly env: LockEnv;
}

export interface ProtectionOptions extends Partial<Protection> {}

/**
 * @param protection `keyFile` default: beside the directory, its name and `.key`; `platform`
 * default: this one; `runProgram` default: none can be run, which on Windows refuses to make a key
 */
export function openParts(
  directory: string,
  env: LockEnv,
  protection: ProtectionOptions = {},
): DrawerParts {
  const place = path.resolve(directory);
  const keyring = createKeyring(place, env, {
    keyFile: `${place}.key`,
    platform: process.platform,
    runProgram,
    ...protection,
  });
  return { directory: place, keyring, store: createDeviceStore(place, keyring, env), env };
}

function runProgram(program: string): never {
  throw new Error(`${program} cannot be run here`);
}
