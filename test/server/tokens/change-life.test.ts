import { expect } from 'chai';
import { put, replyOnly } from '../../../server/store/port.ts';
import { factorKey } from '../../../server/tokens/record.ts';
import { LIFE_VERBS } from '../../../shared/types.ts';
import {
  accountOf,
  codeOfError,
  EVENT,
  holding,
  OWNER,
  openRoom,
  type Room,
  serialOf,
  TIME,
} from './room.ts';

describe("changing a token's life", () => {
  let room: Room;
  beforeEach(async () => {
    room = await openRoom();
    await room.account('jennifer');
  });
  afterEach(() => room.store.close());

  for (const verb of LIFE_VERBS) {
    it(`${verb}: is stored, answered and recorded with its reason`, async () => {
      const serial = await room.registered('FT1', 'jennifer', verb === 'resetDrift' ? TIME : EVENT);
      const before = { resume: 'suspend', found: 'lost' } as const;
      if (verb === 'enable') {
        for (let lock = 0; lock < 10; lock += 1) {
          await room.fail(serial, 10);
          await room.tokens.changeLife({ serial, verb: 'unlock' }, room.as(OWNER));
        }
      } else if (verb === 'resume' || verb === 'found') {
        await room.tokens.changeLife({ serial, verb: before[verb] }, room.as(OWNER));
      }
      const answer = await room.tokens.changeLife(
        { serial, verb, reason: 'asked for by post' },
        room.as(OWNER),
      );
      expect(await room.detail(serial)).to.deep.equal(answer);
      expect(await room.lastEntry()).to.deep.include({
        action: verb,
        actor: 'localOwner',
        serial,
        account: 'jennifer',
        details: { reason: 'asked for by post' },
      });
    });

    it(`${verb}: is refused to unknown and revoked tokens, unrecorded`, async () => {
      const serial = await room.registered('FT1', 'jennifer');
      await room.tokens.changeLife({ serial, verb: 'revoke' }, room.as(OWNER));
      const entries = (await room.audit()).length;
      const asOwner = room.as(OWNER);
      const change = (of: string) =>
        room.tokens.changeLife({ serial: serialOf(of), verb }, asOwner);
      expect(await codeOfError(change(serial))).to.equal('revoked');
      expect(await codeOfError(change('FT9'))).to.equal('notFound');
      expect(await room.audit()).to.have.length(entries);
    });
  }

  it('enable: what the life refuses is said first, also of a restored token', async () => {
    const serial = await room.registered('FT1', 'jennifer');
    const restoredAt = room.as(OWNER).now;
    await room.store.transact([factorKey(serial)], ([factor]) => ({
      ...replyOnly(undefined),
      writes: factor === undefined ? [] : [put(factorKey(serial), { ...factor, restoredAt })],
    }));
    const enable = () => room.tokens.changeLife({ serial, verb: 'enable' }, room.as(OWNER));
    const error: unknown = await enable().catch((caught: unknown) => caught);
    expect(error).to.have.property('message', 'This token is not disabled.');
    await room.tokens.changeLife({ serial, verb: 'revoke' }, room.as(OWNER));
    expect(await codeOfError(enable())).to.equal('revoked');
  });

  it('refuses a verb again, and records nothing of it', async () => {
    const serial = await room.registered('FT1', 'jennifer');
    for (const verb of ['lock', 'suspend', 'lost'] as const) {
      await room.tokens.changeLife({ serial, verb }, room.as(OWNER));
      const entries = (await room.audit()).length;
      const again = room.tokens.changeLife({ serial, verb }, room.as(OWNER));
      expect(await codeOfError(again)).to.equal('notAllowedNow');
      expect(await room.audit()).to.have.length(entries);
    }
  });

  it('revokes a stocked token and one of an account, which it leaves', async () => {
    const stocked = await room.stock('FT1');
    const registered = await room.registered('FT2', 'jennifer');
    const other = await room.registered('FT3', 'jennifer');
    for (const serial of [stocked, registered]) {
      const { token } = await room.tokens.changeLife({ serial, verb: 'revoke' }, room.as(OWNER));
      expect(token).to.include({ life: 'revoked', revokedAt: room.now });
    }
    expect((await room.accounts.get(accountOf('jennifer'))).serials).to.deep.equal([other]);
    expect((await room.detail(registered)).token.account).to.equal('jennifer');
  });

  it('lifts adminLocked by unlock for an administrator, not for the helpdesk', async () => {
    const serial = await room.registered('FT1', 'jennifer');
    await room.tokens.changeLife({ serial, verb: 'lock' }, room.as(OWNER));
    const unlock = { serial, verb: 'unlock' } as const;
    await room.tokens.changeLife(unlock, room.as(holding('tokens:unlock')));
    expect((await room.detail(serial)).token.holds).to.deep.equal(['adminLocked']);
    await room.tokens.changeLife(unlock, room.as(holding('tokens:admin')));
    expect((await room.detail(serial)).token.holds).to.deep.equal([]);
  });

  it('revokes while the token is being registered: the registration comes to nothing', async () => {
    const account = accountOf('jennifer');
    const register = async (name: string, principal = OWNER) => {
      const serial = await room.stock(name);
      const [code1, code2] = room.pair(serial);
      const registering = room.tokens.register(
        { serial, account, code1, code2 },
        room.as(principal),
      );
      const { token } = await room.tokens.changeLife({ serial, verb: 'revoke' }, room.as(OWNER));
      expect(token.life).to.equal('revoked');
      return registering;
    };
    // The pair is looked for between two decisions; the second finds a revoked token.
    expect(await codeOfError(register('FT1'))).to.equal('revoked');
    expect((await register('FT2', holding())).outcome).to.equal('wrongCode');
    expect((await room.accounts.get(account)).serials).to.deep.equal([]);
  });
});
