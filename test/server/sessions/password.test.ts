import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { openAccounts } from '../../../server/accounts/open.ts';
import type { PasswordService } from '../../../server/accounts/passwords-port.ts';
import { sessionHandlers } from '../../../server/http/handlers/sessions.ts';
import type { AccountId } from '../../../shared/types.ts';
import { codeOfError } from '../tokens/room.ts';
import { HOUR, MINUTE, openSessionRoom, type SessionRoom } from './room.ts';

const JENNIFER = 'jennifer' as AccountId;
const OLD = 'seven tame walruses';
const NEW = 'eight wild walruses';

describe('sessions that rest on a password', () => {
  let room: SessionRoom;
  let passwords: PasswordService;

  beforeEach(async () => {
    room = await openSessionRoom();
    await room.holder('jennifer', 'FT1');
    await room.account('bob');
    ({ passwords } = openAccounts({
      store: room.store,
      rng: { bytes: (length: number) => randomBytes(length), uniform: () => 0.5 },
      rootKey: new Uint8Array(32).fill(1),
      hashing: { parameters: { memoryKibibytes: 8, passes: 1, lanes: 1 } },
    }));
    await passwords.set(JENNIFER, OLD, room.caller());
    room.pass(MINUTE);
  });
  afterEach(() => room.store.close());

  const changes = {
    'set anew': () => passwords.set(JENNIFER, NEW, room.caller()),
    'taken away': () => passwords.remove(JENNIFER, room.caller()),
  };

  for (const [what, change] of Object.entries(changes)) {
    it(`are over once it is set anew or taken away: ${what}`, async () => {
      const { token, session } = await room.begin('jennifer');
      const looked = await room.begin('jennifer');
      const others = await room.begin('bob');
      await change();
      expect(await room.find(token)).to.equal(undefined);
      expect(await codeOfError(room.sessions.renew(looked.token, room.caller()))).to.equal(
        'unauthenticated',
      );
      expect(await room.sessions.list(JENNIFER, room.now)).to.deep.equal([]);
      expect(await room.find(others.token)).to.include({ account: 'bob' });
      const [first] = await room.entries('endSession');
      expect(first?.details).to.deep.equal({ session: session.id, why: 'passwordChanged' });
    });
  }

  it('go on where it is only hashed anew, and begin with the new one', async () => {
    const before = await room.begin('jennifer');
    const { passwords: dearer } = openAccounts({
      store: room.store,
      rng: { bytes: (length: number) => randomBytes(length), uniform: () => 0.5 },
      rootKey: new Uint8Array(32).fill(1),
      hashing: { parameters: { memoryKibibytes: 16, passes: 1, lanes: 1 } },
    });
    const command = { user: 'jennifer', password: OLD };
    expect(await dearer.check(command, room.caller())).to.include({ outcome: 'accepted' });
    expect(await room.find(before.token)).to.include({ id: before.session.id });
    await passwords.set(JENNIFER, NEW, room.caller());
    const after = await room.begin('jennifer');
    expect(await room.find(after.token)).to.include({ id: after.session.id });
  });

  it('begin and stay by a password that was set before the clock was set back', async () => {
    room.pass(-2 * HOUR);
    const { token, session } = await room.begin('jennifer');
    expect(await room.find(token)).to.include({ id: session.id });
  });

  it('do not begin by one that was changed after it was compared', async () => {
    const answer = await passwords.check({ user: 'jennifer', password: OLD }, room.caller());
    if (answer.outcome !== 'accepted') throw new Error(answer.outcome);
    const { account, passwordSetAt } = answer;
    room.pass(1);
    await passwords.set(JENNIFER, NEW, room.caller());
    const proof = { account, strength: 'password', passwordSetAt } as const;
    expect(await codeOfError(room.sessions.begin(proof, room.caller()))).to.equal('notAllowedNow');
    expect(await room.records()).to.deep.equal([]);
  });

  it('do not begin so over /v1 either', async () => {
    const slow: Pick<PasswordService, 'check'> = {
      async check(command, caller) {
        const answer = await passwords.check(command, caller);
        room.pass(1);
        await passwords.set(JENNIFER, NEW, room.caller());
        return answer;
      },
    };
    const { sessions, tokens } = room;
    const { beginSession } = sessionHandlers({ sessions, tokens, passwords: slow });
    const body = { user: 'jennifer', password: OLD };
    const call = { body, caller: room.caller() } as Parameters<typeof beginSession>[0];
    expect(await codeOfError(Promise.resolve(beginSession(call)))).to.equal('notAllowedNow');
    expect(await room.records()).to.deep.equal([]);
  });
});
