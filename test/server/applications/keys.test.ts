import { expect } from 'chai';
import fc from 'fast-check';
import {
  EXPIRY_NOTICE_MILLIS,
  isWorking,
  revokeKey,
  rotateKeys,
  stateOfKey,
} from '../../../server/applications/keys.ts';
import {
  API_KEYS_MAX,
  type ApiKeyRecord,
  type ApplicationRecord1,
  upgradeApplication,
} from '../../../server/applications/record.ts';
import { FobtwinError } from '../../../shared/errors.ts';
import type { ApplicationId, UnixMillis } from '../../../shared/types.ts';

const DAY = 86_400_000;
const NOW = 1_767_225_600_000 as UnixMillis;
const at = (days: number) => (NOW + days * DAY) as UnixMillis;
const key = (more: Partial<ApiKeyRecord> = {}): ApiKeyRecord => ({
  number: 1,
  secretHash: 'a'.repeat(64),
  createdAt: NOW,
  ...more,
});

function codeOf(work: () => unknown): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof FobtwinError) return error.code;
    throw error;
  }
}

describe('the state of a key', () => {
  it('is live without an expiry, expiring in its last fortnight, then expired', () => {
    expect(stateOfKey(key(), at(100_000))).to.equal('live');
    const ending = key({ expiresAt: at(90) });
    const notice = (at(90) - EXPIRY_NOTICE_MILLIS) as UnixMillis;
    expect(stateOfKey(ending, (notice - 1) as UnixMillis)).to.equal('live');
    expect(stateOfKey(ending, notice)).to.equal('expiring');
    expect(stateOfKey(ending, (at(90) - 1) as UnixMillis)).to.equal('expiring');
    expect(stateOfKey(ending, at(90))).to.equal('expired');
  });

  it('is revoked whatever else it is', () => {
    expect(stateOfKey(key({ revokedAt: NOW, expiresAt: at(1) }), at(2))).to.equal('revoked');
  });
});

describe('rotating keys', () => {
  const rotate = (keys: readonly ApiKeyRecord[], overlapDays: number, now: UnixMillis) =>
    rotateKeys({ keys }, { secretHash: 'b' }, { overlapMillis: overlapDays * DAY, now });

  it('lets the old key work until the overlap ends, and not longer than it would have', () => {
    const [old, fresh] = rotate([key()], 7, at(1));
    expect(old?.expiresAt).to.equal(at(8));
    expect(fresh).to.deep.equal({ number: 2, secretHash: 'b', createdAt: at(1) });
    const [short] = rotate([key({ expiresAt: at(3) })], 7, at(1));
    expect(short?.expiresAt).to.equal(at(3));
  });

  it('gives the new key as long a life as the old one was given', () => {
    const keys = rotate([key({ expiresAt: at(90) })], 7, at(80));
    expect(keys[1]?.expiresAt).to.equal(at(170));
    const revoked = keys.map((one) => (one.number === 2 ? { ...one, revokedAt: at(81) } : one));
    // Not the week that the rotation left the first one.
    expect(rotate(revoked, 7, at(82))[1]?.expiresAt).to.equal(at(172));
  });

  it('refuses a third, and forgets those that work no more', () => {
    const two = rotate([key()], 7, at(1));
    expect(codeOf(() => rotate(two, 7, at(2)))).to.equal('notAllowedNow');
    expect(rotate(two, 7, at(8)).map(({ number }) => number)).to.deep.equal([2, 3]);
    expect(rotate(revokeKey({ keys: two }, 1, at(2)), 7, at(2))).to.have.length(2);
  });

  it('ends the old key at once with an overlap of nothing', () => {
    const [old] = rotate([key()], 0, at(1));
    expect(old && isWorking(old, at(1))).to.equal(false);
  });

  it('never lets more than two work, never uses a number again', () => {
    const step = fc.record({
      days: fc.nat(20),
      overlap: fc.nat(20),
      what: fc.constantFrom('rotate', 'revoke'),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        let keys: readonly ApiKeyRecord[] = [key()];
        let now = NOW;
        const numbers = new Set([1]);
        for (const { days, overlap, what } of steps) {
          now = (now + days * DAY) as UnixMillis;
          const newest = keys.at(-1)?.number ?? 0;
          try {
            keys =
              what === 'rotate' ? rotate(keys, overlap, now) : revokeKey({ keys }, newest, now);
          } catch (error) {
            if (!(error instanceof FobtwinError)) throw error;
            continue;
          }
          expect(keys.length).to.be.at.most(API_KEYS_MAX);
          if (what !== 'rotate') continue;
          const added = keys.at(-1)?.number ?? 0;
          expect(numbers.has(added)).to.equal(false);
          numbers.add(added);
        }
      }),
    );
  });
});

describe('revoking a key', () => {
  it('touches that one alone, once', () => {
    const two = rotateKeys(
      { keys: [key()] },
      { secretHash: 'b' },
      { overlapMillis: DAY, now: NOW },
    );
    const after = revokeKey({ keys: two }, 1, at(0.5));
    expect(after.map((one) => stateOfKey(one, at(0.5)))).to.deep.equal(['revoked', 'live']);
    expect(codeOf(() => revokeKey({ keys: after }, 1, at(1)))).to.equal('revoked');
    expect(codeOf(() => revokeKey({ keys: after }, 3, at(1)))).to.equal('notFound');
  });
});

describe('an application of data format 2', () => {
  const old: ApplicationRecord1 = {
    version: 1,
    id: '0011223344556677' as ApplicationId,
    name: 'VPN',
    scopes: ['verify'],
    secretHash: 'c'.repeat(64),
    createdAt: NOW,
  };

  it('becomes one with a single key that never expires', () => {
    expect(upgradeApplication(old)).to.deep.equal({
      version: 2,
      id: old.id,
      name: 'VPN',
      scopes: ['verify'],
      createdAt: NOW,
      keys: [{ number: 1, secretHash: old.secretHash, createdAt: NOW }],
    });
  });

  it('stays revoked, and is upgraded once only', () => {
    const upgraded = upgradeApplication({ ...old, revokedAt: at(1) });
    expect(upgraded.revokedAt).to.equal(at(1));
    expect(upgradeApplication(upgraded)).to.equal(upgraded);
  });
});
