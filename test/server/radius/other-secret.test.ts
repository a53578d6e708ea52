import { expect } from 'chai';
import { decodePacket } from '../../../server/radius/packet.ts';
import { readAccessRequest } from '../../../server/radius/request.ts';
import { SIGN_IN_TEXTS } from '../../../shared/wire/texts.ts';
import { makeRequest } from '../../support/radius-packets.ts';
import { clientAt, SECRET } from './listening.ts';
import { openSignIns, type SignIns } from './sign-ins.ts';

const OTHER = new TextEncoder().encode('the secret, mistyped');

describe('radius: a password that the secret does not open', () => {
  let signIns: SignIns;
  beforeEach(async () => {
    signIns = await openSignIns();
    signIns.passwords.set('jennifer', 'right');
  });
  afterEach(() => signIns.room.store.close());

  it('is none, unless by a chance of one in many thousands', () => {
    let opened = 0;
    for (let n = 0; n < 2000; n += 1) {
      const packet = decodePacket(makeRequest({ secret: OTHER, signed: false }));
      if (typeof packet === 'string') throw new Error(packet);
      const client = clientAt('127.0.0.1', { requireMessageAuthenticator: false });
      const sender = { client, secret: SECRET, source: '127.0.0.1', isOverTls: false };
      if (readAccessRequest(packet, sender).request?.password !== undefined) opened += 1;
    }
    expect(opened).to.be.at.most(2);
  });

  for (const [mode, policy, text] of [
    ['a password first', { mode: 'challenge' }, SIGN_IN_TEXTS.wrongPassword],
    ['password and code in one', { mode: 'appended' }, SIGN_IN_TEXTS.wrongPasswordOrCode],
    [
      'a password alone, in a roll-out',
      { mode: 'appended', passwordOnlyUntil: 9e15 as never },
      SIGN_IN_TEXTS.wrongPasswordOrCode,
    ],
  ] as const) {
    it(`is nobody’s wrong password: ${mode}`, async () => {
      signIns.client(policy);
      const before = (await signIns.room.audit()).length;
      const said = await signIns.ask({ password: undefined });
      expect(said).to.include({ code: 'accessReject', text });
      expect(signIns.checked).to.deep.equal([]);
      expect(await signIns.room.audit()).to.have.length(before);
    });
  }

  it('leaves one that is empty a password like any other', async () => {
    signIns.client({ mode: 'challenge' });
    await signIns.ask({ password: '' });
    expect(signIns.checked.map(({ password }) => password)).to.deep.equal(['']);
  });
});

describe('radius: password and code in one, beyond the limit of codes', () => {
  for (const [what, password] of [
    ['a right password', 'right'],
    ['a wrong one', 'wrong'],
  ] as const) {
    it(`tests no more of them for ${what}`, async () => {
      const signIns = await openSignIns({ limits: { wrongCodesPerMinuteOfAccount: 2 } });
      try {
        const { room } = signIns;
        await room.registered('FT1', 'jennifer');
        signIns.passwords.set('jennifer', 'right');
        signIns.client({ mode: 'appended' });
        const before = (await room.audit()).length;
        for (let n = 0; n < 4; n += 1) await signIns.ask({ password: password + room.wrong(n) });
        const tested = (await room.audit()).slice(before);
        expect(tested.filter(({ action }) => action === 'verify')).to.have.length(2);
      } finally {
        await signIns.room.store.close();
      }
    });
  }
});
