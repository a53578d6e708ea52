import { expect } from 'chai';
import { SIGN_IN_TEXTS } from '../../../shared/wire/texts.ts';
import { type Peer, peerOrSkip } from '../../support/debian.ts';
import { type FreeRadius, startFreeRadius } from './freeradius.ts';
import { readQuickStart } from './quickstart.ts';
import { ask, stateIn } from './radclient.ts';
import { PASSWORD, type RadiusServed, SECRET, serveRadius, USER } from './serving.ts';

const OUTER_SECRET = 'known-to-the-gateway-alone';

/** FreeRADIUS in front of fobd, as server/radius/QUICKSTART.md sets it up. */
describe('FreeRADIUS proxies to fobd', function () {
  this.timeout(60_000);
  let radclient: Peer;
  let served: RadiusServed | undefined;
  let front: FreeRadius | undefined;

  before(async function () {
    radclient = await peerOrSkip(this, 'radclient');
    const freeradius = await peerOrSkip(this, 'freeradius');
    const page = await readQuickStart();
    served = await serveRadius(page.clients('A VPN gateway'));
    front = await startFreeRadius(freeradius, {
      place: served.place,
      secret: OUTER_SECRET,
      configuration: page.block('home_server fobd', {
        'port = 1812': `port = ${served.port}`,
        'the-secret-in-client.secret': SECRET,
      }),
      sections: page.block('Proxy-To-Realm', {}),
    });
  });
  after(async () => {
    await front?.stop();
    await served?.stop();
  });

  const signIn = (attributes: Readonly<Record<string, string>>) => {
    const where = { port: front?.port ?? 0, secret: OUTER_SECRET };
    return ask(radclient, where, { 'User-Name': USER, ...attributes });
  };
  const press = (): string => served?.press() ?? '';

  it('a password, a challenge and a code, once', async () => {
    const asked = await signIn({ 'User-Password': PASSWORD });
    expect(asked).to.include(SIGN_IN_TEXTS.enterCode);
    const answer = { 'User-Password': press(), State: stateIn(asked) };
    const good = await signIn(answer);
    expect(good).to.include('Received Access-Accept').and.include('Filter-Id = "staff-mobileId"');
    expect(await signIn(answer)).to.include('Received Access-Reject');
    expect(front?.said()).to.include('Message-Authenticator');
  });

  it('a code that has been used, which is refused', async () => {
    const begin = async () => stateIn(await signIn({ 'User-Password': PASSWORD }));
    const code = press();
    const states = [await begin(), await begin()];
    const [first, second] = [
      await signIn({ 'User-Password': code, State: states[0] ?? '' }),
      await signIn({ 'User-Password': code, State: states[1] ?? '' }),
    ];
    expect(first).to.include('Received Access-Accept');
    expect(second).to.include('Received Access-Reject');
    const outcomes = (await served?.audit('verify'))?.slice(-2).map(({ outcome }) => outcome);
    expect(outcomes).to.deep.equal(['accepted', 'replayed']);
  });

  it('a wrong password, which is refused', async () => {
    const said = await signIn({ 'User-Password': `${PASSWORD}!` });
    expect(said).to.include('Received Access-Reject').and.include(SIGN_IN_TEXTS.wrongPassword);
  });
});
