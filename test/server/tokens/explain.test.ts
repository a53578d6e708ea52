import { expect } from 'chai';
import { createExplainService, type ExplainService } from '../../../server/tokens/explain.ts';
import { findFits } from '../../../server/tokens/explain-search.ts';
import { possibleSeeds, SEED_READINGS } from '../../../server/tokens/explain-seeds.ts';
import { explainEntry } from '../../../server/tokens/explain-text.ts';
import { createVault } from '../../../server/vault/vault.ts';
import { encodeBase32 } from '../../../shared/base32.ts';
import { createOtp, timeStepAt } from '../../../shared/otp.ts';
import { LIFE_VERBS, parseSeed, type Seed, type TokenParameters } from '../../../shared/types.ts';
import { nodeCrypto } from '../../support/node-crypto.ts';
import { codeOfError, EVENT, OWNER, openRoom, type Room, START, seedOf, TIME } from './room.ts';

const otp = createOtp(nodeCrypto);
const asSeed = (bytes: Uint8Array): Seed => {
  const seed = parseSeed(bytes);
  if (seed === undefined) throw new Error('not a seed');
  return seed;
};
const vault = createVault({
  rootKey: Buffer.alloc(32, 1),
  dataKeys: new Map([['d1', Buffer.alloc(32, 2)]]),
  currentDataKey: 'd1',
  rng: { bytes: (length) => new Uint8Array(length), uniform: () => 0 },
});

describe('explain: decisions and states', () => {
  let room: Room;
  let service: ExplainService;
  beforeEach(async () => {
    room = await openRoom();
    const { store, policy } = room;
    service = createExplainService({ store, vault, otp, policy });
    await room.account('ada');
  });
  afterEach(() => room.store.close());

  it('tells the last ten, newest first, each with its next step', async () => {
    const serial = await room.registered('A1', 'ada');
    for (let counter = 2; counter < 14; counter += 1) {
      await room.verify(serial, room.code(serial, counter));
    }
    await room.verify(serial, room.code(serial, 13));
    await room.tokens.changeLife({ serial, verb: 'lost', reason: 'in a train' }, room.as(OWNER));
    await room.verify(serial, room.code(serial, 14));
    const { decisions, state } = await service.token({ serial }, room.as(OWNER));
    expect(decisions).to.have.length(10);
    expect(decisions.slice(0, 4).map(({ sentence }) => sentence)).to.deep.equal([
      'A code was refused untested because the token is reported lost.',
      'It was reported lost. The reason given: in a train',
      'A code was given that had been used already, or that came before a used one.',
      'A code was accepted.',
    ]);
    for (const { nextStep } of decisions) expect(nextStep).to.match(/\.$/);
    expect(state.sentence).to.equal('It is reported lost.');
  });

  it('finds them however far back they are', async () => {
    const serial = await room.registered('A1', 'ada');
    room.pass(500 * 86_400_000);
    const { decisions } = await service.token({ serial }, room.as(OWNER));
    expect(decisions.map(({ entry }) => entry.action)).to.deep.equal(['register']);
  });

  it('tells those of an account', async () => {
    const serial = await room.registered('A1', 'ada');
    const { decisions, serials } = await service.account('ada' as never, room.as(OWNER));
    expect(serials).to.deep.equal([serial]);
    expect(decisions.map(({ entry }) => entry.action)).to.deep.equal(['register', 'addAccount']);
    expect(await codeOfError(service.account('bob' as never, room.as(OWNER)))).to.equal('notFound');
  });

  it('knows every verb, and what a pair came to whatever it was for', () => {
    const entry = { at: START, actor: 'system', writer: 'w', sequence: 1, previousHash: '' };
    const said = (action: string, outcome?: 'accepted' | 'wrongCode' | 'throttled') =>
      explainEntry(outcome === undefined ? { ...entry, action } : { ...entry, action, outcome });
    for (const verb of LIFE_VERBS) {
      expect(said(verb).sentence, verb).not.to.contain(`The action ${verb}`);
    }
    for (const action of ['register', 'resync', 'replace']) {
      expect(said(action, 'accepted').sentence, action).to.contain('two codes');
      expect(said(action, 'wrongCode').sentence, action).to.contain('do not follow each other');
    }
    // A registration waits for its account's day: no unlock helps.
    expect(said('register', 'throttled').nextStep).not.to.contain('unlock');
  });

  it('spends the budget of pairs, accepts and burns nothing, and is recorded', async () => {
    const serial = await room.registered('A1', 'ada');
    const codes = { code1: room.code(serial, 40), code2: room.code(serial, 41) };
    const before = await room.detail(serial);
    const first = await service.token({ serial, codes }, room.as(OWNER));
    expect(first.fits?.map(({ fit }) => fit.counter)).to.deep.equal([41]);
    expect(first.fits?.[0]?.nextStep).to.contain('Resync');
    expect(first.pairsLeft).to.equal(4);
    const after = await room.detail(serial);
    expect(after.factor).to.deep.equal({ ...before.factor, failedPairs: 1 });
    expect(after.token).to.equal(before.token);
    expect((await room.lastEntry())?.action).to.equal('explain');
    expect(JSON.stringify(await room.lastEntry())).not.to.contain(codes.code1);

    for (let n = 0; n < 4; n += 1) await service.token({ serial, codes }, room.as(OWNER));
    const spent = service.token({ serial, codes }, room.as(OWNER));
    expect(await codeOfError(spent)).to.equal('notAllowedNow');
    const { outcome } = await room.tokens.resync({ serial, ...codes }, room.as(OWNER));
    expect(outcome).to.equal('locked');
    await room.tokens.changeLife({ serial, verb: 'unlock' }, room.as(OWNER));
    const resynced = await room.tokens.resync({ serial, ...codes }, room.as(OWNER));
    expect(resynced.outcome).to.equal('accepted');
  });

  it('refuses unknown and revoked tokens, equal codes, and two searches at once', async () => {
    const serial = await room.registered('A1', 'ada');
    const codes = { code1: room.wrong(1), code2: room.wrong(2) };
    const equal = { code1: room.wrong(1), code2: room.wrong(1) };
    const ask = (serial_: string, pair = codes) =>
      codeOfError(service.token({ serial: serial_ as never, codes: pair }, room.as(OWNER)));
    expect(await ask('NOBODY')).to.equal('notFound');
    expect(await ask(serial, equal)).to.equal('invalidInput');
    expect(await Promise.all([ask(serial), ask(serial)])).to.deep.equal([
      undefined,
      'notAllowedNow',
    ]);
    await room.tokens.changeLife({ serial, verb: 'revoke' }, room.as(OWNER));
    expect(await ask(serial)).to.equal('revoked');
  });
});

describe('explain: what two codes would fit', () => {
  const stored = seedOf('S1' as never);
  const ask = (shown: Seed, parameters: TokenParameters, factors: readonly [number, number]) => {
    const [code1, code2] = factors.map((factor) => otp.code(shown, factor, parameters));
    if (code1 === undefined || code2 === undefined) throw new Error('two factors');
    return { code1, code2 };
  };
  const fits = (
    codes: ReturnType<typeof ask>,
    parameters: TokenParameters = TIME,
    seed: Seed = stored,
    nextCounter = 0,
    pairStepsMax = 3,
  ) => findFits({ seed, parameters, nextCounter, ...codes, now: START, pairStepsMax }, otp);
  const now = timeStepAt(START, { stepSeconds: 30 });

  it('lets two codes be as far apart as the policy lets a pair be', async () => {
    const codes = ask(stored, TIME, [now, now + 5]);
    expect(await fits(codes)).to.deep.equal([]);
    expect((await fits(codes, TIME, stored, 0, 5))[0]).to.include({ offsetSteps: 5 });
  });

  const CASES: readonly (readonly [string, TokenParameters, readonly [number, number], object])[] =
    [
      ['the clock right', TIME, [now - 1, now], { type: 'time', offsetSteps: 0 }],
      ['eleven hours off', TIME, [now + 1319, now + 1320], { type: 'time', offsetSteps: 1320 }],
      [
        'steps of 60 s',
        { type: 'time', algorithm: 'SHA1', digits: 6, stepSeconds: 60 },
        [now / 2 - 1, now / 2],
        { type: 'time', stepSeconds: 60, offsetSteps: 0 },
      ],
      ['SHA-256', { ...TIME, algorithm: 'SHA256' }, [now - 1, now], { algorithm: 'SHA256' }],
      ['eight digits', { ...TIME, digits: 8 }, [now, now + 2], { digits: 8, offsetSteps: 2 }],
      ['events, not time', EVENT, [7, 8], { type: 'event', counter: 8 }],
    ];
  for (const [name, shown, [one, two], found] of CASES) {
    it(`finds ${name}`, async () => {
      const [fit] = await fits(ask(stored, shown, [Math.floor(one), Math.floor(two)]));
      expect(fit).to.include({ reading: 'asStored', ...found });
    });
  }

  it('finds a counter far ahead, and one that was passed', async () => {
    const ahead = await fits(ask(stored, EVENT, [4500, 4501]), EVENT, stored, 10);
    expect(ahead[0]).to.include({ type: 'event', counter: 4501 });
    const passed = await fits(ask(stored, EVENT, [3, 4]), EVENT, stored, 90_000);
    expect(passed[0]).to.include({ type: 'event', counter: 4 });
  });

  const hex = Buffer.from('3132333435363738393031323334353637383930', 'hex');
  const text = (of: string): Seed => asSeed(new TextEncoder().encode(of));
  const MISTAKES: readonly (readonly [string, Seed, Seed])[] = [
    ['hexTakenAsText', text(hex.toString('hex')), asSeed(hex)],
    ['base32TakenAsText', text(encodeBase32(hex)), asSeed(hex)],
    ['base64TakenAsText', text(hex.toString('base64')), asSeed(hex)],
    ['textTakenAsHex', asSeed(hex), text(hex.toString('hex'))],
    ['textTakenAsBase32', asSeed(hex), text(encodeBase32(hex))],
  ];
  for (const [reading, imported, real] of MISTAKES) {
    it(`finds the seed's mistake ${reading}`, async () => {
      const found = await fits(ask(real, TIME, [now - 1, now]), TIME, imported);
      expect(found.map((fit) => fit.reading)).to.deep.equal([reading]);
    });
  }

  it('knows every mistake by a seed that undergoes it', () => {
    const known = new Set<string>();
    const samples = [
      ...MISTAKES.map(([, imported]) => imported),
      asSeed(Buffer.from('ABCDEF234567ABCDEF234567ABCDEF23', 'hex')),
      asSeed(Buffer.from('ab23456723cdef4567abcdef23456723abcd234567', 'base64')),
      asSeed(Buffer.from('ABCDEF23ABCDEF23ABCDEF23ABCDEF23', 'base64')),
      asSeed(Buffer.from(decode32('A234567A234567A234567A234567ABCD'))),
    ];
    for (const sample of samples) {
      for (const { reading } of possibleSeeds(sample)) known.add(reading);
    }
    expect([...known].sort()).to.deep.equal([...SEED_READINGS].sort());
  });

  it('finds nothing for codes that nothing shows, or of two lengths', async () => {
    expect(await fits({ code1: '000000' as never, code2: '000001' as never })).to.deep.equal([]);
    expect(await fits({ code1: '000000' as never, code2: '0000001' as never })).to.deep.equal([]);
  });

  it('is bounded, and lets other work have its turn', async () => {
    let made = 0;
    let turns = 0;
    let most = 0;
    let since = 0;
    const counting = {
      ...otp,
      number: (...given: Parameters<typeof otp.number>) => {
        made += 1;
        since += 1;
        most = Math.max(most, since);
        return otp.number(...given);
      },
    };
    let ended = false;
    const turn = (): void => {
      turns += 1;
      since = 0;
      if (!ended) setImmediate(turn);
    };
    setImmediate(turn);
    const codes = { code1: '00000000' as never, code2: '00000001' as never };
    const token = { seed: stored, parameters: TIME, nextCounter: 0 };
    const question = { ...token, ...codes, now: START, pairStepsMax: 3 };
    await findFits(question, counting);
    ended = true;
    expect(made).to.be.within(10_000, 250_000);
    expect(turns).to.be.greaterThan(made / 400);
    expect(most).to.be.at.most(1024);
  });
});

function decode32(base32: string): Uint8Array {
  const bits = [...base32]
    .map((letter) =>
      'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'),
    )
    .join('');
  return Uint8Array.from(bits.match(/.{8}/g) ?? [], (byte) => Number.parseInt(byte, 2));
}
