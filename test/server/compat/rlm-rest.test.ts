import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import { environmentOf, libraryOrSkip, type Peer, peerOrSkip } from '../../support/debian.ts';
import { type FreeRadius, startFreeRadius } from '../radius/freeradius.ts';
import { type QuickStart, readQuickStart } from '../radius/quickstart.ts';
import { ask } from '../radius/radclient.ts';
import { finish, PASSWORD, type Served, serveCompat, USER } from '../radius/serving.ts';

const SECRET = 'known-to-the-gateway-alone';
const PLACE = new URL('../../../server/compat/QUICKSTART.md', import.meta.url);

/** As a form, and as text of FreeRADIUS, these would each be something else. */
const ODD_PASSWORD = 'tumbling "otters" 100%41 + 44';

/** rlm_rest of FreeRADIUS, as server/compat/QUICKSTART.md sets it up: a client that is not ours. */
describe('FreeRADIUS asks by rlm_rest', function () {
  this.timeout(60_000);
  let radclient: Peer;
  let served: Served;
  let front: FreeRadius;

  /** @param parts modules beside rest, and the sections: blocks of the page */
  const open = async (
    context: Mocha.Context,
    options: object,
    parts: (page: QuickStart) => { readonly modules?: string; readonly sections: string },
  ) => {
    const freeradius = await peerOrSkip(context, 'freeradius');
    const library = await libraryOrSkip(context, 'freeradius-rest');
    const page = await readQuickStart(PLACE);
    served = await serveCompat({ mode: 'appended', ...options });
    const { modules = '', sections } = parts(page);
    const rest = page.block('connect_uri', { 'http://127.0.0.1:8080': served.address });
    front = await startFreeRadius(
      { path: freeradius.path, env: { ...freeradius.env, ...(await environmentOf(library)) } },
      {
        place: served.place,
        secret: SECRET,
        configuration: '',
        modules: rest + modules,
        moduleDirectory: path.join(library, 'usr/lib/freeradius'),
        sections,
      },
    );
  };
  afterEach(async () => {
    await front?.stop();
    await served?.stop();
  });

  before(async function () {
    radclient = await peerOrSkip(this, 'radclient');
  });

  const signIn = (password: string): Promise<string> =>
    ask(
      radclient,
      { port: front.port, secret: SECRET },
      { 'User-Name': USER, 'User-Password': password },
    );

  it('lets somebody in with password and code, once', async function () {
    await open(this, { addresses: ['127.0.0.1'] }, (page) => ({
      sections: page.block('Auth-Type := rest', {}),
    }));
    const password = `${PASSWORD}${served.press()}`;
    expect(await signIn(password)).to.include('Received Access-Accept');
    expect(await signIn(password)).to.include('Received Access-Reject');
    const verified = await served.audit('verify');
    expect(verified.map(({ outcome }) => outcome)).to.deep.equal(['accepted', 'replayed']);
  });

  it('with an API key, and whatever password', async function () {
    await open(this, { requireKey: true }, (page) => {
      const header = page.block('REST-HTTP-Header', { KEY: served.apiKey });
      const opening = 'authorize {';
      return {
        sections: page.block('Auth-Type := rest', { [opening]: `${opening}\n${header}` }),
      };
    });
    const params = { id: USER };
    await served.fobd
      .client(served.apiKey)
      .call('setPassword', { params, body: { password: ODD_PASSWORD } });
    expect(await signIn(`${ODD_PASSWORD}${served.press()}`)).to.include('Received Access-Accept');
    expect(await signIn(`${PASSWORD}${served.press()}`)).to.include('Received Access-Reject');
  });

  it('for EAP-GTC, as IKEv2 has it', async function () {
    const { path: program, env } = await peerOrSkip(this, 'eapol_test');
    await open(this, { addresses: ['127.0.0.1'] }, (page) => ({
      modules: page.block('default_eap_type', {}),
      sections: page.block('ok = return', {}),
    }));
    const network = path.join(served.place, 'eap.conf');
    const fields = ['key_mgmt=IEEE8021X', 'eap=GTC', `identity="${USER}"`];
    const password = `password="${PASSWORD}${served.press()}"`;
    await writeFile(network, `network={\n${[...fields, password].join('\n')}\n}\n`);
    const to = ['-a', '127.0.0.1', '-p', String(front.port), '-s', SECRET];
    // It derives no keys, and asks once.
    const args = ['-n', '-r', '0', '-t', '20', '-c', network, ...to];
    const good = await finish(program, args, { env });
    expect(good.output)
      .to.include('CTRL-EVENT-EAP-SUCCESS')
      .and.match(/\nSUCCESS\n$/);
    const again = await finish(program, args, { env });
    expect(again.output)
      .to.include('CTRL-EVENT-EAP-FAILURE')
      .and.match(/\nFAILURE\n$/);
    const verified = await served.audit('verify');
    expect(verified.map(({ outcome }) => outcome)).to.deep.equal(['accepted', 'replayed']);
  });
});
