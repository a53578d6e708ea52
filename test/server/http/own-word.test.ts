import { expect } from 'chai';
import { addPerson, signIn, signInWith } from './people.ts';
import { type Served, serve, timeCode, timeEntry } from './served.ts';

const LOST = 'FT00000001';
const OTHER = 'FT00000002';

describe('a person reports the own token', () => {
  let served: Served;
  let staff: string;
  /** A session at the strength of the token that is lost. */
  let withLost: string;

  before(async () => {
    served = await serve({ lab: true });
    staff = await served.key();
    await addPerson(served, 'jennifer', { email: 'j@example.com', serial: LOST });
    withLost = await signInWith(served, 'jennifer', LOST);
    await served.stock(timeEntry(OTHER));
    await served.register(OTHER, 'jennifer');
    await addPerson(served, 'henry', { serial: 'FT00000003' });
    await served.send({ method: 'GET', path: '/lab/mail', key: staff });
  });
  after(() => served.close());

  const report = (word: 'lost' | 'found', key: string, serial = LOST, id = 'jennifer') =>
    served.send({ path: `/v1/accounts/${id}/tokens/${serial}/${word}`, key, body: {} });
  const mails = async (): Promise<readonly string[]> => {
    const { json } = await served.send({ method: 'GET', path: '/lab/mail', key: staff });
    return (json['items'] as readonly { subject: string }[]).map(({ subject }) => subject);
  };

  it('lost with the password alone, and found by a code of something else', async () => {
    const password = await signIn(served, 'jennifer');
    const lost = await report('lost', password);
    expect(lost.json, lost.text).to.deep.equal({
      token: { serial: LOST, life: 'registered', holds: ['lost'] },
    });
    const body = { serial: LOST, code: timeCode(LOST, served.clock.at) };
    const verified = await served.send({ path: '/v1/verify', key: staff, body });
    expect(verified.json).to.include({ accepted: false, outcome: 'lost' });
    // Neither the password, nor what was signed in with the very token before.
    for (const key of [password, withLost]) {
      const { status, json } = await report('found', key);
      expect([status, json['code']]).to.deep.equal([403, 'strengthTooLow']);
    }
    const found = await report('found', await signInWith(served, 'jennifer', OTHER));
    expect(found.json, found.text).to.deep.equal({
      token: { serial: LOST, life: 'registered', holds: [] },
    });
    expect(await mails()).to.include.members([
      `Your token ${LOST} is marked as lost`,
      `Your token ${LOST} is marked as found`,
    ]);
  });

  it('and of somebody else reads as of none, on the own account and on theirs', async () => {
    const henry = await signIn(served, 'henry');
    const told = async (serial: string) => {
      const { status, json } = await report('lost', henry, serial, 'henry');
      const { requestId: _, ...rest } = json;
      return JSON.stringify([status, rest]).replaceAll(serial, 'SERIAL');
    };
    const none = await told('FT00000009');
    expect(none).to.include('404').and.include('notFound');
    expect(await told(OTHER)).to.equal(none);
    expect((await report('lost', henry, OTHER)).status).to.equal(403);
  });

  it('which staff with tokens:admin can do for him, and nobody with less', async () => {
    const few = await served.key('tokens:read', 'credentials:admin');
    expect((await report('lost', few)).status).to.equal(403);
    expect((await report('lost', staff)).status).to.equal(200);
    const own = await report('found', await signInWith(served, 'jennifer', OTHER));
    expect([own.status, own.json['code']], own.text).to.deep.equal([409, 'notAllowedNow']);
    expect((await report('found', staff)).status).to.equal(200);
  });
});
