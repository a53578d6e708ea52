import { expect } from 'chai';
import type { Caller, ProvedBy, Scope } from '../../../server/access/scopes.ts';
import { NO_PHONES, phonesKey } from '../../../server/phones/record.ts';
import { put, replyOnly } from '../../../server/store/port.ts';
import { explainToken } from '../../../server/tokens/explain-text.ts';
import { FINDS_A_DAY_MAX, strengthToFind } from '../../../server/tokens/own-word.ts';
import { tokenKey } from '../../../server/tokens/record.ts';
import type { AccountId, PhoneId, Serial, Strength } from '../../../shared/types.ts';
import { codeOfError, OWNER, openRoom, type Room, serialOf } from './room.ts';

const DAY_MILLIS = 86_400_000;

describe("a person's word on the own token", () => {
  let room: Room;
  let jennifer: AccountId;
  let serial: Serial;
  let other: Serial;
  beforeEach(async () => {
    room = await openRoom();
    jennifer = await room.account('jennifer');
    serial = await room.registered('FT1', 'jennifer');
    other = await room.registered('FT0', 'jennifer');
  });
  afterEach(() => room.store.close());

  /** Above the password by a token that was there before, unless it is said by what. */
  const at = (strength: Strength, proved: ProvedBy = { serial: other }): Caller =>
    room.as({
      ...{ actor: `account:${jennifer}`, account: jennifer, scopes: new Set<Scope>() },
      strength,
      ...(strength === 'password' ? {} : { proved }),
    });
  /** A number of the account, proved just now. */
  const phone = async (id: PhoneId): Promise<ProvedBy> => {
    await room.store.transact([phonesKey(jennifer)], ([record = NO_PHONES]) => {
      const number = { id, number: `+1202555${id}`, country: 'US', kind: 'text' } as const;
      const phones = [...record.phones, { ...number, addedAt: room.now, verifiedAt: room.now }];
      const writes = [put(phonesKey(jennifer), { ...record, phones })];
      return { ...replyOnly(undefined), writes };
    });
    return { issued: { by: 'phone', phone: id } };
  };
  const say = (verb: 'lost' | 'found', caller: Caller, of = serial) =>
    room.tokens.changeLife({ account: caller.principal.account, serial: of, verb }, caller);
  const holds = async () => (await room.detail(serial)).token.holds;

  it('lost: needs the password alone, and stops the token at once', async () => {
    const { token } = await say('lost', at('password'));
    expect(token.holds).to.deep.equal(['lost']);
    expect((await room.verify(serial, room.code(serial, 2))).outcome).to.equal('lost');
    expect(await room.lastEntry()).to.include({ action: 'verify', outcome: 'lost' });
    expect((await room.audit()).at(-2)).to.deep.include({
      ...{ action: 'lost', actor: 'account:jennifer', account: 'jennifer', serial },
    });
  });

  it('found: needs more than the password, and lets the token work again', async () => {
    await say('lost', at('password'));
    const entries = (await room.audit()).length;
    expect(await codeOfError(say('found', at('password')))).to.equal('strengthTooLow');
    expect(await holds()).to.deep.equal(['lost']);
    expect(await room.audit()).to.have.length(entries);
    await say('found', at('phoneOtp'));
    expect(await room.lastEntry()).to.include({ action: 'found', actor: 'account:jennifer' });
    expect((await room.verify(serial, room.code(serial, 2))).outcome).to.equal('accepted');
  });

  it('found: by a token or a phone that was there before it was lost', async () => {
    const number = await phone('0123' as PhoneId);
    for (const proved of [{ serial: other }, number]) {
      room.pass(1);
      await say('lost', at('password'));
      room.pass(60_000);
      await say('found', at('phoneOtp', proved));
      expect(await holds()).to.deep.equal([]);
    }
  });

  it('found: by nothing that was set up since, which a password suffices to buy', async () => {
    await say('lost', at('password'));
    room.pass(1);
    const bought = await room.registered('FT5', 'jennifer');
    const since: readonly ProvedBy[] = [
      { serial: bought },
      await phone('0199' as PhoneId),
      { issued: { by: 'phone', phone: '0100' as PhoneId } },
      { issued: { by: 'temporary' } },
      {},
    ];
    const entries = (await room.audit()).length;
    for (const proved of since) {
      const said = say('found', at('hardwareToken', proved));
      expect(await codeOfError(said), JSON.stringify(proved)).to.equal('notAllowedNow');
    }
    expect(await holds()).to.deep.equal(['lost']);
    expect(await room.audit()).to.have.length(entries);
    await say('found', at('hardwareToken'));
    // Lost again, it was there before.
    await say('lost', at('password'));
    await say('found', at('hardwareToken', { serial: bought }));
    expect(await holds()).to.deep.equal([]);
  });

  it('found: of a Mobile ID a code of the phone that it lies in does not suffice', async () => {
    await room.store.transact([tokenKey(serial)], ([token]) => ({
      ...replyOnly(undefined),
      writes: token === undefined ? [] : [put(tokenKey(serial), { ...token, mobileId: true })],
    }));
    await say('lost', at('password'));
    expect(await codeOfError(say('found', at('phoneOtp')))).to.equal('strengthTooLow');
    await say('found', at('mobileId'));
    expect(await holds()).to.deep.equal([]);
  });

  it('found: of staff it needs what makes a role count', async () => {
    await room.accounts.change(jennifer, { roles: ['helpdesk'] }, room.as(OWNER));
    await say('lost', at('password'));
    expect(await codeOfError(say('found', at('phoneOtp')))).to.equal('strengthTooLow');
    await say('found', at('hardwareToken'));
    expect(await holds()).to.deep.equal([]);
    expect(strengthToFind({}, { roles: ['user', 'organisationAdmin'] })).to.equal('phoneOtp');
  });

  it('found: takes back nothing that somebody else has said', async () => {
    await room.tokens.changeLife({ serial, verb: 'lost' }, room.as(OWNER));
    expect(await codeOfError(say('found', at('hardwareToken')))).to.equal('notAllowedNow');
    await room.tokens.changeLife({ serial, verb: 'found' }, room.as(OWNER));
    await say('lost', at('password'));
    await room.tokens.changeLife({ serial, verb: 'found' }, room.as(OWNER));
    await room.tokens.changeLife({ serial, verb: 'lost' }, room.as(OWNER));
    expect(await codeOfError(say('found', at('hardwareToken')))).to.equal('notAllowedNow');
    expect(await holds()).to.deep.equal(['lost']);
  });

  it('is said so often a day, whoever has stolen the session', async () => {
    for (let find = 0; find < FINDS_A_DAY_MAX; find += 1) {
      await say('lost', at('password'));
      await say('found', at('phoneOtp'));
      room.pass(60_000);
    }
    await say('lost', at('password'));
    const error: unknown = await say('found', at('hardwareToken')).catch((thrown) => thrown);
    expect(error).to.include({ code: 'tooManyRequests', retryAfterSeconds: 86_400 - 180 });
    expect(await holds()).to.deep.equal(['lost']);
    // Staff may, and so may the person once the first of them is a day old.
    await room.tokens.changeLife({ serial, verb: 'found' }, room.as(OWNER));
    await say('lost', at('password'));
    room.pass(DAY_MILLIS - 180_000);
    await say('found', at('phoneOtp'));
    expect(await holds()).to.deep.equal([]);
  });

  it('counts once, however many say it at the same time', async () => {
    await say('lost', at('password'));
    const entries = (await room.audit()).length;
    const said = Array.from({ length: 20 }, () => codeOfError(say('found', at('phoneOtp'))));
    const codes = await Promise.all(said);
    expect(codes.filter((code) => code === undefined)).to.have.length(1);
    expect(new Set(codes)).to.deep.equal(new Set([undefined, 'notAllowedNow']));
    expect(await room.audit()).to.have.length(entries + 1);
    expect((await room.detail(serial)).token.ownWord).to.deep.equal({ foundAt: [room.now] });
  });

  it("of somebody else's token reads as of one that there is none of", async () => {
    const stocked = await room.stock('FT2');
    await room.account('henry');
    const others = await room.registered('FT3', 'henry');
    const entries = (await room.audit()).length;
    for (const of of [stocked, others, serialOf('FT9')]) {
      for (const verb of ['lost', 'found'] as const) {
        const error: unknown = await say(verb, at('hardwareToken'), of).catch((thrown) => thrown);
        expect(error).to.include({ code: 'notFound', message: `There is no token ${of}.` });
      }
    }
    expect(await room.audit()).to.have.length(entries);
  });

  it('is refused again, and of a token that is revoked', async () => {
    await say('lost', at('password'));
    expect(await codeOfError(say('lost', at('password')))).to.equal('notAllowedNow');
    await say('found', at('phoneOtp'));
    expect(await codeOfError(say('found', at('phoneOtp')))).to.equal('notAllowedNow');
    await room.tokens.changeLife({ serial, verb: 'revoke' }, room.as(OWNER));
    expect(await codeOfError(say('lost', at('password')))).to.equal('revoked');
  });

  it('is told of when it is explained how the token stands', async () => {
    const standing = async () => explainToken(await room.detail(serial), room.now);
    await say('lost', at('password'));
    expect(await standing()).to.deep.equal({
      sentence: 'Its person has reported it lost, and may report it found.',
      nextStep: 'If it was stolen, revoke it, or lock it so that its person cannot bring it back.',
    });
    await say('found', at('phoneOtp'));
    await room.tokens.changeLife({ serial, verb: 'lost' }, room.as(OWNER));
    expect((await standing()).sentence).to.equal('It is reported lost.');
  });

  it('is no other verb', async () => {
    for (const verb of ['unlock', 'enable', 'resume', 'revoke'] as const) {
      const caller = at('hardwareToken');
      const said = room.tokens.changeLife({ account: jennifer, serial, verb }, caller);
      expect(await codeOfError(said), verb).to.equal('forbidden');
    }
  });
});
