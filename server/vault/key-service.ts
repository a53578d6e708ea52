import type { KeyObject } from 'node:crypto';
import type { Clock } from '../../shared/clock.ts';
import { FobtwinError } from '../../shared/errors.ts';
import type { Rng } from '../../shared/rng.ts';
import type { UnixMillis } from '../../shared/types.ts';
import { draftOf } from '../access/draft.ts';
import { type Caller, LOCAL_OWNER } from '../access/scopes.ts';
import { put, replyOnly, type Store } from '../store/port.ts';
import { keyFingerprint, wipe } from './keys.ts';
import { makeDataKey } from './open.ts';
import type { RootKeyPlace, RotationRecord, SealedRecords } from './port.ts';
import { DATA_KEYS, DATA_KEYS_MAX, dataKeyKey, ROTATION_KEY } from './record.ts';
import { type DraftOf, RewrapBrokenOff, rewrap, settleRewrap } from './rewrap.ts';
import { Rotation } from './rotation.ts';
import { countSeeds } from './seed-counts.ts';
import { type KeyedVault, secretKeyOf } from './vault.ts';

export interface DataKeyDetail {
  readonly id: string;
  /** Absent for one that the first versions made. */
  readonly createdAt?: UnixMillis;
  /** New seeds are sealed with this one. */
  readonly current: boolean;
  /** How many seeds are sealed with it. */
  readonly seeds: number;
}

export interface KeyList {
  /** The master key's fingerprint. */
  readonly masterKey: string;
  readonly dataKeys: readonly DataKeyDetail[];
}

/** How the exchange of the data key goes. */
export interface RotationProgress extends Omit<RotationRecord, 'version' | 'state' | 'after'> {
  /** `paused`: it was begun, and nobody is at it; `rotate` or the next `fobd serve` goes on. */
  readonly state: 'running' | 'paused' | 'done';
  /** Seeds still to be sealed anew; absent until they are counted. */
  readonly remaining?: number;
}

/** What operators do with the keys. */
export interface KeyService {
  list(): Promise<KeyList>;
  /** `undefined` when the data key was never exchanged. */
  rotation(): Promise<RotationProgress | undefined>;
  /**
   * Begins to exchange the data key, or goes on with an exchange that was begun; resolves when that
   * is durable, and the seeds are sealed anew in the background.
   */
  rotate(caller: Caller): Promise<RotationProgress>;
  /**
   * Exchanges the master key, at one stroke and durably. The bytes are wiped.
   *
   * @param newMasterKey 32 bytes
   * @returns the fingerprints of the old and of the new one
   * @throws FobtwinError `forbidden` to all but the owner, `notAllowedNow` when it is the same key,
   * `unavailable` when it failed
   */
  rewrap(newMasterKey: Uint8Array, caller: Caller): Promise<{ from: string; to: string }>;
  /** Ends an exchange of the master key that was broken off. */
  settle(): Promise<void>;
  /** Goes on with an exchange of the data key in the background, if one was broken off. */
  resume(): Promise<void>;
  /** Runs `act` while no master key is exchanged: for a copy that takes both of its sides. */
  unchanged<R>(act: () => Promise<R>): Promise<R>;
  /** Ends what goes on in the background, for now. */
  stop(): Promise<void>;
}

export interface KeyServiceParts<T extends object> {
  readonly store: Store;
  readonly vault: KeyedVault;
  readonly records: SealedRecords<T>;
  readonly masterKey: KeyObject;
  readonly rootKey: KeyObject;
  readonly rootKeyPlace: RootKeyPlace;
  readonly clock: Clock;
  readonly rng: Rng;
  /** Told why the exchange of the data key stopped before its end. */
  readonly onFailure: (error: unknown) => void;
}

export function createKeyService<T extends object>(parts: KeyServiceParts<T>): KeyService {
  return new Keys(parts);
}

class Keys<T extends object> implements KeyService {
  readonly #parts: KeyServiceParts<T>;
  #masterKey: KeyObject;
  /** What changes the keys does so one after the other. */
  #last: Promise<unknown> = Promise.resolve();
  #rotation: { readonly work: Rotation<T>; readonly ended: Promise<void> } | undefined;
  #isStopped = false;
  /** It cannot be told which master key will be the right one: only a restart can. */
  #isUnsettled = false;

  constructor(parts: KeyServiceParts<T>) {
    this.#parts = parts;
    this.#masterKey = parts.masterKey;
  }

  async list(): Promise<KeyList> {
    const { store, vault, records } = this.#parts;
    const { items } = await store.scan(DATA_KEYS, { limit: DATA_KEYS_MAX });
    const counts = await countSeeds(store, records);
    const dataKeys = items.map(({ id, createdAt }) => ({
      id,
      ...(createdAt === undefined ? {} : { createdAt }),
      current: id === vault.currentDataKey,
      seeds: counts.get(id) ?? 0,
    }));
    return { masterKey: keyFingerprint(this.#masterKey), dataKeys };
  }

  async rotation(): Promise<RotationProgress | undefined> {
    const record = await this.#record();
    return record && this.#progressOf(record);
  }

  async rotate(caller: Caller): Promise<RotationProgress> {
    const record = await this.unchanged(() => this.#begin(caller));
    this.#run(record);
    return this.#progressOf(record);
  }

  async rewrap(bytes: Uint8Array, caller: Caller): Promise<{ from: string; to: string }> {
    // A master key crosses no network; and a stolen API key must not lock the owner out.
    if (caller.principal.actor !== LOCAL_OWNER.actor) throw ownerOnly();
    return this.unchanged(async () => {
      this.#refuseUnsettled();
      const newMasterKey = secretKeyOf(bytes);
      const from = keyFingerprint(this.#masterKey);
      const to = keyFingerprint(newMasterKey);
      if (newMasterKey.equals(this.#masterKey)) {
        throw new FobtwinError('notAllowedNow', `The master key is ${to} already.`, {
          nextStep: 'Give another one.',
        });
      }
      const drafts: DraftOf = (state) =>
        draftOf(caller, 'rewrapKeys', { details: { from, to, state } });
      try {
        await rewrap(newMasterKey, this.#parts, drafts);
      } catch (error) {
        throw this.#explain(error);
      }
      this.#masterKey = newMasterKey;
      return { from, to };
    });
  }

  settle(): Promise<void> {
    return this.unchanged(() => {
      const masterKey = keyFingerprint(this.#masterKey);
      const at = this.#parts.clock.now();
      return settleRewrap(this.#masterKey, this.#parts, (state) => ({
        at,
        actor: 'system',
        action: 'rewrapKeys',
        details: { masterKey, state },
      }));
    });
  }

  async resume(): Promise<void> {
    try {
      const record = await this.#record();
      if (record?.state === 'running') this.#run(record);
    } catch (error) {
      this.#parts.onFailure(error);
    }
  }

  unchanged<R>(act: () => Promise<R>): Promise<R> {
    const acted = this.#last.then(act, act);
    this.#last = acted.catch(() => undefined);
    return acted;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#rotation?.work.stop();
    await this.#rotation?.ended;
    await this.#last;
  }

  #record(): Promise<RotationRecord | undefined> {
    return this.#parts.store.transact([ROTATION_KEY], ([record]) => replyOnly(record));
  }

  #progressOf({ version: _, after: _passed, ...record }: RotationRecord): RotationProgress {
    if (record.state === 'done') return { ...record, state: 'done' };
    const remaining = this.#rotation?.work.remaining;
    return {
      ...record,
      state: this.#rotation === undefined ? 'paused' : 'running',
      ...(remaining === undefined ? {} : { remaining }),
    };
  }

  /** The new data key is in use as soon as it is durable. */
  async #begin(caller: Caller): Promise<RotationRecord> {
    this.#refuseUnsettled();
    const { store, vault, rng } = this.#parts;
    const made = makeDataKey(this.#masterKey, { rng, now: caller.now });
    const { id } = made.record;
    try {
      const record = await store.transact([ROTATION_KEY, dataKeyKey(id)], ([present, taken]) => {
        if (present?.state === 'running') return replyOnly(present);
        if (taken !== undefined) throw idTaken();
        if (vault.dataKeys.size >= DATA_KEYS_MAX) throw tooManyKeys();
        const begun: RotationRecord = {
          version: 1,
          dataKey: id,
          state: 'running',
          startedAt: caller.now,
          resealed: 0,
          unreadable: 0,
        };
        const details = { dataKey: id, state: 'begun' };
        return {
          writes: [put(dataKeyKey(id), made.record), put(ROTATION_KEY, begun)],
          auditDrafts: [draftOf(caller, 'rotateKeys', { details })],
          reply: begun,
        };
      });
      if (record.dataKey === id) vault.adopt(id, made.key);
      return record;
    } finally {
      wipe(made.key);
    }
  }

  #run({ after }: RotationRecord): void {
    if (this.#rotation !== undefined || this.#isStopped) return;
    const exclusively = <R>(act: () => Promise<R>): Promise<R> => this.unchanged(act);
    const work = new Rotation({ ...this.#parts, exclusively });
    const ended = work
      .run(after)
      .catch((error: unknown) => {
        if (!this.#isStopped) this.#parts.onFailure(error);
      })
      .finally(() => {
        this.#rotation = undefined;
      });
    this.#rotation = { work, ended };
  }

  #refuseUnsettled(): void {
    if (this.#isUnsettled) throw unsettled();
  }

  #explain(error: unknown): unknown {
    if (!(error instanceof RewrapBrokenOff)) return error;
    if (error.isUndone) {
      return new FobtwinError('unavailable', 'The master key could not be exchanged.', {
        nextStep: 'Nothing was changed. Make room and see that format.json may be written.',
        cause: error.cause,
      });
    }
    this.#isUnsettled = true;
    return unsettled(error.cause);
  }
}

const unsettled = (cause?: unknown): FobtwinError =>
  new FobtwinError('unavailable', 'The exchange of the master key did not come to its end.', {
    nextStep: 'Restart fobd: it says which master key is the right one. Keep both until then.',
    cause,
  });

const tooManyKeys = (): FobtwinError =>
  new FobtwinError('notAllowedNow', `There are ${DATA_KEYS_MAX} data keys already.`, {
    nextStep: 'Seeds that do not open keep their data keys: see `fobd key list`.',
  });

const idTaken = (): FobtwinError =>
  new FobtwinError('unavailable', 'The new data key could not be named.', {
    nextStep: 'Try again.',
  });

const ownerOnly = (): FobtwinError =>
  new FobtwinError('forbidden', 'Only the owner of the data directory exchanges its master key.', {
    nextStep: 'Run `fobd key rewrap` on the machine that has the data directory.',
  });
