import { expect } from 'chai';
import sinon from 'sinon';
import { createSearches, SEARCHES_MAX } from '../../../server/tokens/searches.ts';
import { SLICE_CODES } from '../../../server/verification/search.ts';
import type { Code } from '../../../shared/types.ts';
import { codeOfError, holding, OWNER, openRoom, type Room } from './room.ts';

function* counting(slices: number, log: string[], name: string) {
  for (let n = 0; n < slices; n += 1) {
    log.push(`${name}${n}`);
    yield;
  }
  return name;
}

describe('searches', () => {
  it('run a slice a turn of the event loop, whoever searches', async () => {
    const searches = createSearches();
    const log: string[] = [];
    let turn = 0;
    let ticking = true;
    const tick = (): void => {
      turn += 1;
      log.push('|');
      if (ticking) setImmediate(tick);
    };
    setImmediate(tick);
    const found = await Promise.all([
      searches.run(counting(3, log, 'a')),
      searches.run(counting(3, log, 'b')),
    ]);
    ticking = false;
    expect(found).to.deep.equal(['a', 'b']);
    const slices = log.join('').split('|');
    expect(slices.filter((slice) => slice.length > 2)).to.deep.equal([]);
    expect(log.filter((each) => each !== '|')).to.deep.equal(['a0', 'b0', 'a1', 'b1', 'a2', 'b2']);
    expect(turn).to.be.at.least(6);
  });

  it('come one at a time under one name, also after a failure, and at once under two', async () => {
    const searches = createSearches();
    const log: string[] = [];
    const work =
      (name: string, fails = false) =>
      async () => {
        log.push(`${name} begins`);
        await new Promise((resolve) => setImmediate(resolve));
        log.push(`${name} ends`);
        if (fails) throw new Error(name);
        return name;
      };
    const results = await Promise.allSettled([
      searches.alone('x', work('x1', true)),
      searches.alone('x', work('x2')),
      searches.alone('y', work('y1')),
    ]);
    expect(results.map(({ status }) => status)).to.deep.equal([
      'rejected',
      'fulfilled',
      'fulfilled',
    ]);
    expect(log.indexOf('x2 begins')).to.be.above(log.indexOf('x1 ends'));
    expect(log.indexOf('y1 begins')).to.be.below(log.indexOf('x1 ends'));
  });

  it('refuse what would wait behind a thousand', async () => {
    const searches = createSearches();
    let open: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const waiting = Array.from({ length: SEARCHES_MAX }, () => searches.alone('x', () => gate));
    expect(await codeOfError(searches.alone('y', () => gate))).to.equal('unavailable');
    open();
    await Promise.all(waiting);
    await searches.alone('y', () => gate);
  });
});

describe('two codes between two decisions', () => {
  let room: Room;
  beforeEach(async () => {
    room = await openRoom();
    await room.account('jennifer');
  });
  afterEach(() => room.store.close());

  it('are not looked for inside a decision: no decision makes more than a slice', async () => {
    const serial = await room.registered('FT1', 'jennifer');
    const made: number[] = [];
    const { transact } = room.store;
    sinon.stub(room.store, 'transact').callsFake((keys, decide) =>
      transact.call(room.store, keys, (records, also) => {
        const before = room.made;
        const decision = decide(records, also);
        made.push(room.made - before);
        return decision;
      }),
    );
    const [code1, code2] = room.pair(serial, 500);
    const before = room.made;
    await room.tokens.resync({ serial, code1, code2 }, room.as(OWNER));
    expect(room.made - before).to.equal(1000);
    expect(Math.max(...made)).to.be.below(SLICE_CODES);
    sinon.restore();
  });

  it('are looked for again when a code was accepted meanwhile', async () => {
    const serial = await room.registered('FT1', 'jennifer');
    const [code1, code2] = room.pair(serial, 2);
    const before = room.made;
    const resyncing = room.tokens.resync({ serial, code1, code2 }, room.as(OWNER));
    // A turn later the search is under way.
    await new Promise((resolve) => setImmediate(resolve));
    expect((await room.verify(serial, room.code(serial, 3))).outcome).to.equal('accepted');
    expect((await resyncing).outcome, 'a pair that was passed meanwhile').to.equal('wrongCode');
    expect(room.made - before).to.be.above(2000);
    const { factor } = await room.detail(serial);
    expect(factor.factor).to.deep.equal({ type: 'event', nextCounter: 4 });
  });

  it('are refused when the token was suspended meanwhile', async () => {
    const serial = await room.registered('FT1', 'jennifer');
    const [code1, code2] = room.pair(serial, 2);
    const resyncing = room.tokens.resync({ serial, code1, code2 }, room.as(OWNER));
    await room.tokens.changeLife({ serial, verb: 'suspend' }, room.as(OWNER));
    expect((await resyncing).outcome).to.equal('suspended');
  });

  it('give up on a token that never stands still', async () => {
    const serial = await room.registered('FT1', 'jennifer');
    const [code1, code2] = room.pair(serial, 900);
    let counter = 2;
    let ended = false;
    const moving = (async () => {
      while (!ended) {
        await room.verify(serial, room.code(serial, counter));
        counter += 1;
      }
    })();
    const error = await codeOfError(room.tokens.resync({ serial, code1, code2 }, room.as(OWNER)));
    ended = true;
    await moving;
    expect(error).to.equal('unavailable');
  });
});

describe('next-code mode', () => {
  let room: Room;
  beforeEach(async () => {
    room = await openRoom({ nextCodeSeconds: 90 });
    await room.account('jennifer');
  });
  afterEach(() => room.store.close());

  const plain = holding('verify');
  const asking = holding('verify', 'verify:nextCode');

  for (const by of ['serial', 'account'] as const) {
    it(`by ${by}: whoever may see it is asked for the next code, which completes it`, async () => {
      const serial = await room.registered('FT1', 'jennifer');
      const ask = (code: Code, principal = asking) =>
        by === 'serial'
          ? room.verify(serial, code, principal)
          : room.verifyBy('jennifer' as never, code, principal);
      const first = room.code(serial, 400);
      expect(await ask(first)).to.deep.equal({ outcome: 'nextCodeRequired' });
      expect(await room.lastEntry()).to.include({ outcome: 'nextCodeRequired', serial });
      expect(await ask(first, plain)).to.deep.equal({ outcome: 'wrongCode' });
      expect((await ask(room.code(serial, 401), plain)).outcome).to.equal('accepted');
      expect(await ask(first, holding('verify:detail'))).to.deep.equal({ outcome: 'replayed' });
      expect(JSON.stringify(await room.audit())).not.to.include(first);
    });
  }

  it('a hundred at once: searched for by the counts, one after another', async () => {
    const serial = await room.registered('FT1', 'jennifer');
    const before = room.made;
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, n) => room.verify(serial, room.wrong(n), asking)),
    );
    const outcomes = answers.map(({ outcome }) => outcome);
    expect(outcomes.filter((outcome) => outcome === 'wrongCode')).to.have.length(3);
    expect(outcomes.filter((outcome) => outcome === 'throttled')).to.have.length(97);
    // The window's codes for each at first, the resync window for the three that counted.
    expect(room.made - before).to.be.below(103 * 2 * 60 + 3 * 1100);
  });
});
