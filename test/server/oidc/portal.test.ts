import path from 'node:path';
import { expect } from 'chai';
import { fobd, serveInProcess } from '../../support/fobd-in-process.ts';
import { temporaryDirectory } from '../../support/fobd-process.ts';
import { Browser } from './browser.ts';

const CALLBACK = 'http://127.0.0.1:4999/callback';
const PASSWORD = 'correct horse battery staple';
/** Nobody listens there: what a browser would ask of it is asked of the served address. */
const PUBLIC = 'http://127.0.0.1:9';

describe('OpenID Connect with the sign-in pages of fobd', function () {
  this.timeout(60_000);

  it('sends a browser to sign in with a password, and back with a code', async () => {
    const directory = await temporaryDirectory();
    const data = path.join(directory.place, 'data');
    const run = async (args: readonly string[], input = '') => {
      const ran = await fobd([...args, '--data', data, '--json'], { input });
      expect(ran.code, ran.stderr).equal(0);
      return JSON.parse(ran.stdout);
    };
    await run(['init']);
    await run(['account', 'add', 'jennifer']);
    await run(['account', 'password', 'jennifer'], `${PASSWORD}\n`);
    const added = await run(['oidc', 'client', 'add', 'Timesheets', '--redirect-uri', CALLBACK]);
    const served = await serveInProcess(data, ['--public-url', PUBLIC]);
    try {
      const browser = new Browser((address) => address.replace(PUBLIC, served.address));
      const query = new URLSearchParams({
        client_id: added.client.id,
        redirect_uri: CALLBACK,
        response_type: 'code',
        scope: 'openid',
        login_hint: 'jennifer',
        code_challenge: 'a'.repeat(43),
        code_challenge_method: 'S256',
      });
      const asked = await browser.go(`${PUBLIC}/oidc/auth?${query}`, CALLBACK);
      const form = (await asked.page?.text()) ?? '';
      expect(form).to.include('value="jennifer"');
      const fields = hiddenOf(form);
      const done = await browser.post(
        asked.address,
        { ...fields, user: 'jennifer', password: PASSWORD },
        { origin: PUBLIC },
      );
      const onward = done.headers.get('location') ?? done.headers.get('refresh')?.slice(7) ?? '';
      expect(onward, await done.text()).to.include('/oidc/interaction/');
      const end = await browser.go(new URL(onward, PUBLIC).href, CALLBACK);
      expect(new URL(end.address).searchParams.get('code')).to.match(/^[A-Za-z0-9_-]{43}$/);
    } finally {
      await served.stop();
      await directory.remove();
    }
  });
});

const hiddenOf = (page: string): Record<string, string> =>
  Object.fromEntries(
    [...page.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)].map(
      ([, name = '', value = '']) => [name, value],
    ),
  );
