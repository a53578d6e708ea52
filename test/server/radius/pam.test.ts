import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import { SIGN_IN_TEXTS } from '../../../shared/wire/texts.ts';
import { type Pam, pamOrSkip } from '../../support/pam.ts';
import { readQuickStart } from './quickstart.ts';
import { PASSWORD, type RadiusServed, SECRET, serveRadius, USER } from './serving.ts';

/** A Linux login by pam_radius_auth, as server/radius/QUICKSTART.md sets it up. */
describe('Linux PAM signs in', function () {
  this.timeout(60_000);
  let served: RadiusServed;
  let pam: Pam | undefined;

  before(async function () {
    const page = await readQuickStart();
    served = await serveRadius(page.clients('A Linux login'));
    const conf = path.join(served.place, 'pam_radius_auth.conf');
    const server = page.block('127.0.0.1:1812 ', {
      1812: String(served.port),
      'the-secret-in-client.secret': SECRET,
    });
    await writeFile(conf, server, { mode: 0o600 });
    pam = await pamOrSkip(this, served.place, (module) =>
      page.block('auth required', {
        'pam_radius_auth.so': module,
        '/etc/pam_radius_auth.conf': conf,
      }),
    );
  });
  after(async () => {
    await pam?.close();
    await served?.stop();
  });

  const signIn = async (...typed: readonly string[]) => {
    if (pam === undefined) throw new Error('no PAM');
    return pam.authenticate(USER, typed);
  };

  it('with the password, and the code that is asked for', async () => {
    const code = served.press();
    const { succeeded, output } = await signIn(PASSWORD, code);
    expect(output).to.include(SIGN_IN_TEXTS.enterCode);
    expect(output).to.include('successfully authenticated');
    expect(succeeded).to.equal(true);
    const again = await signIn(PASSWORD, code);
    expect(again.succeeded).to.equal(false);
    expect(again.output).to.include('Authentication failure');
    const outcomes = (await served.audit())
      .slice(-4)
      .map(({ action, outcome }) => [action, outcome]);
    expect(outcomes).to.deep.equal([
      ['signIn', 'accepted'],
      ['verify', 'accepted'],
      ['signIn', 'accepted'],
      ['verify', 'replayed'],
    ]);
  });

  it('not with a wrong password', async () => {
    const { succeeded, output } = await signIn(`${PASSWORD}!`, served.press());
    expect(succeeded).to.equal(false);
    expect(output).to.include('Authentication failure').and.not.include(SIGN_IN_TEXTS.enterCode);
  });
});
