import { expect } from 'chai';
import { SCOPES, type Scope } from '../../../server/access/scopes.ts';
import { changedLife } from '../../../server/tokens/life.ts';
import type { TokenDetail } from '../../../server/tokens/port.ts';
import { firstEstimate } from '../../../server/verification/drift.ts';
import type { FactorRecord } from '../../../server/verification/types.ts';
import { FobtwinError } from '../../../shared/errors.ts';
import {
  HOLDS,
  type Hold,
  LIFE_VERBS,
  LIVES,
  type Life,
  type LifeVerb,
  type TimeParameters,
  type TokenParameters,
  type UnixMillis,
} from '../../../shared/types.ts';
import { EVENT, serialOf, TIME as TIME_TOKEN } from './room.ts';

const TIME = TIME_TOKEN as TimeParameters;

/**
 * The table again, written from DESIGN sections 5 and 9 as what each verb asks and does, and tried
 * in every cell: verbs by lives by all 32 sets of holds.
 */
type Row = {
  asks?: (holds: ReadonlySet<Hold>) => boolean;
  does?: (holds: Set<Hold>, admin: boolean) => void;
  ends?: boolean;
  /** The only life and type that it is for. */
  only?: readonly [Life, TokenParameters['type']];
};
const has = (hold: Hold) => (holds: ReadonlySet<Hold>) => holds.has(hold);
const hasNot = (hold: Hold) => (holds: ReadonlySet<Hold>) => !holds.has(hold);
const EXPECTED: Record<LifeVerb, Row> = {
  unlock: {
    does(holds, admin) {
      holds.delete('locked');
      if (admin) holds.delete('adminLocked');
    },
  },
  lock: { asks: hasNot('adminLocked'), does: (holds) => holds.add('adminLocked') },
  enable: { asks: has('disabled'), does: (holds) => holds.delete('disabled') },
  suspend: { asks: hasNot('suspended'), does: (holds) => holds.add('suspended') },
  resume: { asks: has('suspended'), does: (holds) => holds.delete('suspended') },
  lost: { asks: hasNot('lost'), does: (holds) => holds.add('lost') },
  found: { asks: has('lost'), does: (holds) => holds.delete('lost') },
  revoke: { ends: true },
  resetDrift: { only: ['registered', 'time'] },
};

const THEN = 1_000 as UnixMillis;
const NOW = 2_000 as UnixMillis;
const FACTOR: FactorRecord = {
  version: 1,
  factor: { type: 'event', nextCounter: 7 },
  failures: {
    failuresInRow: 4,
    failuresSinceSuccess: 6,
    waitUntil: 9_000,
    lastWrong: { hash: 'ab', at: THEN },
  },
  failedPairs: 3,
  lastAcceptedAt: THEN,
};

const TIME_FACTOR: FactorRecord = {
  ...FACTOR,
  factor: { type: 'time', lastStep: 70, drift: firstEstimate(70, TIME, THEN) },
  nextCode: { hash: 'cd', at: THEN, movingFactors: [80] },
};

function tokenIn(life: Life, holds: readonly Hold[], parameters = EVENT): TokenDetail {
  const sealedSeed = { version: 1, dataKey: 'd', sealed: 's' } as const;
  const serial = serialOf('FT1');
  const token = { version: 1, serial, life, holds, parameters, sealedSeed } as const;
  return {
    token: { ...token, importedAt: THEN },
    factor: parameters === EVENT ? FACTOR : TIME_FACTOR,
  };
}

const HOLD_SETS: readonly (readonly Hold[])[] = Array.from({ length: 32 }, (_, bits) =>
  HOLDS.filter((_hold, place) => bits & (1 << place)),
);
const HELPDESK: ReadonlySet<Scope> = new Set<Scope>(['tokens:unlock']);
const ADMINISTRATOR: ReadonlySet<Scope> = new Set(SCOPES);
const CALLS: readonly (readonly [ReadonlySet<Scope>, TokenParameters])[] = [
  [ADMINISTRATOR, EVENT],
  [ADMINISTRATOR, TIME],
  [HELPDESK, EVENT],
  [HELPDESK, TIME],
];

function codeOf(work: () => unknown): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof FobtwinError) return error.code;
    throw error;
  }
}

describe("the table of a token's life", () => {
  for (const verb of LIFE_VERBS) {
    const row = EXPECTED[verb];

    it(`${verb}: every life and set of holds, as administrator and as helpdesk`, () => {
      for (const life of LIVES) {
        for (const holds of HOLD_SETS) {
          for (const [scopes, parameters] of CALLS) {
            const name = `${verb} ${parameters.type} ${life} [${holds.join(' ')}]`;
            const before = tokenIn(life, holds, parameters);
            const change = () => changedLife(before, verb, { now: NOW, scopes });
            if (life === 'revoked') {
              expect(codeOf(change), name).to.equal('revoked');
            } else if (row.only !== undefined && row.only.join() !== `${life},${parameters.type}`) {
              expect(codeOf(change), name).to.equal('notAllowedNow');
            } else if (row.asks !== undefined && !row.asks(new Set(holds))) {
              expect(codeOf(change), name).to.equal('notAllowedNow');
            } else {
              const expected = new Set(holds);
              row.does?.(expected, scopes === ADMINISTRATOR);
              const { token } = change();
              expect([...token.holds], name).to.have.members([...expected]);
              expect(token.life, name).to.equal(row.ends ? 'revoked' : life);
              expect(token.revokedAt, name).to.equal(row.ends ? NOW : undefined);
            }
          }
        }
      }
    });

    it(`${verb}: changes nothing else`, () => {
      const parameters = row.only?.[1] === 'time' ? TIME : EVENT;
      const before = tokenIn('registered', ['disabled', 'suspended', 'lost'], parameters);
      const old = before.token;
      const holds = HOLDS.filter((hold) => !row.asks || row.asks(new Set([hold])));
      const { token, factor } = changedLife(
        { ...before, token: { ...before.token, holds: holds.slice(0, 1) } },
        verb,
        { now: NOW, scopes: ADMINISTRATOR },
      );
      const { serial, sealedSeed, importedAt, version } = token;
      expect({
        serial,
        parameters: token.parameters,
        sealedSeed,
        importedAt,
        version,
      }).to.deep.equal({
        serial: old.serial,
        parameters: old.parameters,
        sealedSeed: old.sealedSeed,
        importedAt: old.importedAt,
        version: 1,
      });
      if (verb !== 'resetDrift') expect(factor.factor).to.deep.equal(FACTOR.factor);
      expect(factor.lastAcceptedAt).to.equal(THEN);
      if (!['unlock', 'enable', 'resetDrift'].includes(verb)) expect(factor).to.equal(FACTOR);
    });
  }

  it('resetDrift forgets the clock and no step, and says what an event token needs instead', () => {
    const calling = { now: NOW, scopes: ADMINISTRATOR };
    const { factor } = changedLife(tokenIn('registered', [], TIME), 'resetDrift', calling);
    const { nextCode: _, ...kept } = TIME_FACTOR;
    expect(factor).to.deep.equal({ ...kept, factor: { type: 'time', lastStep: 70 } });
    let nextStep: string | undefined;
    try {
      changedLife(tokenIn('registered', [], EVENT), 'resetDrift', calling);
    } catch (error) {
      nextStep = error instanceof FobtwinError ? error.nextStep : undefined;
    }
    expect(nextStep).to.include('fobd token resync');
  });

  it('unlock clears row, wait and budget, and keeps the count towards disabling', () => {
    const { factor } = changedLife(tokenIn('registered', ['locked']), 'unlock', {
      now: NOW,
      scopes: HELPDESK,
    });
    expect(factor.failures).to.include({ failuresInRow: 0, waitUntil: 0, failuresSinceSuccess: 6 });
    expect(factor.failedPairs).to.equal(0);
  });

  it('unlock clears the registration budget of a stocked token', () => {
    const { factor } = changedLife(tokenIn('stocked', []), 'unlock', {
      now: NOW,
      scopes: HELPDESK,
    });
    expect(factor.failedPairs).to.equal(0);
  });

  it('enable clears the failures since the last success alone', () => {
    const { factor } = changedLife(tokenIn('registered', ['disabled']), 'enable', {
      now: NOW,
      scopes: ADMINISTRATOR,
    });
    expect(factor.failures).to.include({
      failuresInRow: 4,
      waitUntil: 9_000,
      failuresSinceSuccess: 0,
    });
    expect(factor.failedPairs).to.equal(3);
  });
});
