import fs from 'node:fs';
import path from 'node:path';
import { FobtwinError } from '../../shared/errors.ts';
import type { Rng } from '../../shared/rng.ts';
import type { Serial } from '../../shared/types.ts';
import { type Attempt, draftName, lockName } from './file-names.ts';

/**
 * One writer a device at a time, across processes, also when a holder is killed at any moment.
 *
 * A lock is a file that names the *revision* it may change and the *attempt*, made so that only one
 * process can make it. A holder that died is not cleared away, which could hit a living one that
 * came in between (libraries that remove a stale lock and make it anew let two in: in 3 of 10
 * trials with 20 processes); it is passed by making the lock of the next attempt, which again only
 * one process can. Once the revision has moved on, all its locks mean nothing, so they may lie
 * about and be removed by anyone: whoever makes one late sees the newer revision and lets go.
 */

/** What the lock needs of the process it runs in. */
export interface LockEnv {
  /** For the jitter of waiting. */
  readonly rng: Rng;
  /** Resolves after so many milliseconds. */
  readonly pause: (millis: number) => Promise<void>;
  readonly host: string;
  readonly pid: number;
  /** Does a process of this machine with this id run? */
  readonly isAlive: (pid: number) => boolean;
}

/** Waiting, in milliseconds, counted as pauses asked for; real time is longer, never shorter. */
export const LOCK_WAIT = {
  /** Then the device is busy. */
  giveUpMillis: 30_000,
  /** A holder that cannot be asked, and has not finished in so long, is taken for dead. */
  holderMillis: 10_000,
  /** So for a lock without an owner's name, which is written at once after the lock is made. */
  namelessMillis: 1000,
  pauseMillisMin: 4,
  pauseMillisMax: 80,
} as const;

/** Holders of one revision that may die before the device is given up as busy. */
const ATTEMPTS_MAX = 1000;

export interface HeldLock extends Attempt {
  /** Where the next revision is written before it takes the file's place. */
  readonly draft: string;
  /** Has nobody passed this lock, taking its holder for dead? */
  stillHeld(): boolean;
  /** After the next revision took its place. */
  finish(): void;
  /** Without a change. */
  letGo(): void;
}

/**
 * Waits for its turn.
 *
 * @param revision reads the revision of the device's file as it is now; 0 when there is none
 * @throws FobtwinError `deviceBusy` after `LOCK_WAIT.giveUpMillis` of waiting
 */
export async function lockDevice(
  directory: string,
  serial: Serial,
  revision: () => number,
  env: LockEnv,
): Promise<HeldLock> {
  let turn: Attempt = { serial, revision: revision(), attempt: 0 };
  let waitedMillis = 0;
  let watchedMillis = 0;
  let pauseMillis: number = LOCK_WAIT.pauseMillisMin;
  while (waitedMillis < LOCK_WAIT.giveUpMillis && turn.attempt < ATTEMPTS_MAX) {
    const file = path.join(directory, lockName(turn));
    const made = makeLock(file, env);
    const current = revision();
    if (current !== turn.revision) {
      if (made) fs.rmSync(file, { force: true });
      turn = { serial, revision: current, attempt: 0 };
      watchedMillis = 0;
    } else if (made && !isPassed(directory, turn)) {
      return heldLock(directory, turn, revision);
    } else if (made || isGivenUp(file, watchedMillis, env)) {
      turn = { ...turn, attempt: turn.attempt + 1 };
      watchedMillis = 0;
    } else {
      const pause = pauseMillis * (0.5 + env.rng.uniform());
      await env.pause(pause);
      waitedMillis += pause;
      watchedMillis += pause;
      pauseMillis = Math.min(pauseMillis * 1.5, LOCK_WAIT.pauseMillisMax);
    }
  }
  throw new FobtwinError('deviceBusy', `The token ${serial} is in use by another process`, {
    nextStep: 'Try again; if nothing uses it, remove the .lock files of its serial in the drawer.',
  });
}

/** Has somebody made the lock of the next attempt, taking this one's holder for dead? */
function isPassed(directory: string, turn: Attempt): boolean {
  return fs.existsSync(path.join(directory, lockName({ ...turn, attempt: turn.attempt + 1 })));
}

function makeLock(file: string, { host, pid }: LockEnv): boolean {
  try {
    fs.writeFileSync(file, `${pid} ${host}\n`, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if (isSystemError(error, 'EEXIST')) return false;
    // On a full disk it is made and cannot be filled: it would keep everybody waiting.
    fs.rmSync(file, { force: true });
    throw error;
  }
}

/** Is the holder dead, or taken for dead after having been watched for so long? */
function isGivenUp(file: string, watchedMillis: number, env: LockEnv): boolean {
  if (watchedMillis >= LOCK_WAIT.holderMillis) return true;
  const owner = readIfThere(file);
  // Killed between making the lock and writing its name into it.
  if (owner === '') return watchedMillis >= LOCK_WAIT.namelessMillis;
  return owner !== undefined && ownerHasDied(owner, env);
}

export function hasDied(file: string, env: Pick<LockEnv, 'host' | 'isAlive'>): boolean {
  return ownerHasDied(readIfThere(file) ?? '', env);
}

/** Only a holder of this machine can be asked; another, or an unreadable lock, is waited for. */
function ownerHasDied(
  owner: string,
  { host, isAlive }: Pick<LockEnv, 'host' | 'isAlive'>,
): boolean {
  const [, pid, holder] = /^([0-9]{1,10}) (\S+)\n$/.exec(owner) ?? [];
  return holder === host && !isAlive(Number(pid));
}

function readIfThere(file: string): string | undefined {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function heldLock(directory: string, turn: Attempt, revision: () => number): HeldLock {
  const place = (name: string) => path.join(directory, name);
  const draft = place(draftName(turn));
  // Whoever passed it may be done already, and its lock gone with the revision.
  const stillHeld = () => !isPassed(directory, turn) && revision() === turn.revision;
  const remove = (attempt: number) => {
    fs.rmSync(place(draftName({ ...turn, attempt })), { force: true });
    fs.rmSync(place(lockName({ ...turn, attempt })), { force: true });
  };
  return {
    ...turn,
    draft,
    stillHeld,
    finish() {
      for (let attempt = 0; attempt <= turn.attempt; attempt += 1) remove(attempt);
    },
    letGo() {
      // Once passed, this lock must stay: without it a third could start over below the second.
      if (!isPassed(directory, turn)) remove(turn.attempt);
      else fs.rmSync(draft, { force: true });
    },
  };
}

export function isSystemError(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}
