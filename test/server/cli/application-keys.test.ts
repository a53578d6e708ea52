import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import { fobd, serveInProcess } from '../../support/fobd-in-process.ts';
import { temporaryDirectory } from '../../support/fobd-process.ts';

interface ApiKey {
  readonly number: number;
  readonly state: string;
  readonly createdAt: string;
  readonly expiresAt?: string;
  readonly lastUsedAt?: string;
}
interface Application {
  readonly id: string;
  readonly name: string;
  readonly roles?: readonly string[];
  readonly allow?: readonly string[];
  readonly scopes: readonly string[];
  readonly keys: readonly ApiKey[];
}

describe('fobd application', function () {
  this.timeout(60_000);
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let data: string;

  before(async () => {
    directory = await temporaryDirectory();
    data = path.join(directory.place, 'data');
    expect((await fobd(['init', '--data', data])).code).to.equal(0);
  });
  after(() => directory.remove());

  const run = (...argv: string[]) => fobd(['application', ...argv, '--data', data]);
  async function json<T>(...argv: string[]): Promise<T> {
    const { code, stdout, stderr } = await run(...argv, '--json');
    expect(code, stderr).to.equal(0);
    return JSON.parse(stdout) as T;
  }
  const show = async (id: string) =>
    (await json<{ application: Application }>('show', id)).application;
  const add = (...argv: string[]) => json<{ id: string; apiKey: string }>('add', ...argv);

  it('adds one with roles, scopes, an expiry and an allow list, and shows it all', async () => {
    const { id } = await add(
      'desk',
      ...['--role', 'helpdesk', '--scope', 'verify', '--expires', '90d'],
      ...['--allow', '10.1.2.3/8', '--allow', '2001:db8::/32'],
    );
    const shown = await show(id);
    expect(shown.roles).to.deep.equal(['helpdesk']);
    expect(shown.scopes).to.include.members(['verify', 'tokens:unlock']);
    expect(shown.allow).to.deep.equal(['10.0.0.0/8', '2001:db8::/32']);
    const [key] = shown.keys;
    const lifetime = Date.parse(key?.expiresAt ?? '') - Date.parse(key?.createdAt ?? '');
    expect(lifetime).to.equal(90 * 86_400_000);
    const text = (await run('list')).stdout;
    expect(text).to.match(new RegExp(`^${id} +desk +live +never +10\\.0\\.0\\.0/8 `, 'm'));
    const { stdout } = await run('show', id);
    for (const part of ['helpdesk', '2001:db8::/32', key?.expiresAt ?? '?']) {
      expect(stdout).to.include(part);
    }
  });

  it('changes an allow list, all of it at a time, and lifts it again', async () => {
    const { id } = await add('moved', '--scope', 'verify', '--allow', '10.0.0.0/8');
    const shown = await run('allow', id, '--allow', '192.0.2.7', '--allow', '2001:db8::/32');
    expect(shown.code, shown.stderr).to.equal(0);
    expect(shown.stdout).to.match(/allow: +192\.0\.2\.7\/32 2001:db8::\/32$/m);
    expect((await show(id)).allow).to.deep.equal(['192.0.2.7/32', '2001:db8::/32']);
    expect((await run('allow', id, '--anywhere', '--reason', 'a test')).stdout).to.match(
      /allow: +anywhere$/m,
    );
    expect(await show(id)).not.to.have.property('allow');
    const wrong = await run('allow', id, '--allow', '10.0.0.0/40');
    expect(wrong.code).to.equal(1);
    expect(wrong.stderr).to.contain('[invalidInput]');
  });

  it('takes a day as its end, and a time as it is', async () => {
    const day = await add('day', '--scope', 'verify', '--expires', '2033-02-28');
    expect((await show(day.id)).keys[0]?.expiresAt).to.equal('2033-03-01T00:00:00.000Z');
    const time = await add('time', '--scope', 'verify', '--expires', '2033-02-28T12:00:00Z');
    expect((await show(time.id)).keys[0]?.expiresAt).to.equal('2033-02-28T12:00:00.000Z');
  });

  it('says in the list what will expire', async () => {
    const { id } = await add('soon', '--scope', 'verify', '--expires', '3d');
    expect((await run('list')).stdout).to.match(new RegExp(`^${id} +soon +expires 20`, 'm'));
    expect((await show(id)).keys[0]?.state).to.equal('expiring');
  });

  it('rotates a key with an overlap, and revokes one key or all', async () => {
    const { id, apiKey } = await add('vpn', '--scope', 'verify');
    const rotated = await run('rotate', id, '--overlap', '1d');
    expect(rotated.stdout).to.match(/Key 1 works until 20/);
    expect(rotated.stdout).to.match(new RegExp(`fobd_${id}_[A-Za-z0-9_-]{43}`));
    expect(rotated.stdout).not.to.include(apiKey);
    const refused = await run('rotate', id);
    expect(refused.code).to.equal(1);
    expect(refused.stderr).to.include('Revoke the one');
    expect((await run('revoke', id, '--key', '1', '--reason', 'leaked')).stdout).to.equal(
      'Key 1 of vpn is revoked.\n',
    );
    const states = (await show(id)).keys.map(({ number, state }) => [number, state]);
    expect(states).to.deep.equal([
      [1, 'revoked'],
      [2, 'live'],
    ]);
    expect((await run('revoke', id)).stdout).to.equal('vpn is revoked.\n');
    expect((await run('list')).stdout).to.match(new RegExp(`^${id} +vpn +revoked 20`, 'm'));
  });

  const wrong: Readonly<Record<string, readonly string[]>> = {
    'no scope and no role': ['add', 'x'],
    'a role that there is not': ['add', 'x', '--role', 'king'],
    'an expiry that is none': ['add', 'x', '--scope', 'verify', '--expires', 'soon'],
    'a day that is not in the calendar': [
      'add',
      'x',
      '--scope',
      'verify',
      '--expires',
      '2033-02-29',
    ],
    'an overlap that is none': ['rotate', '0'.repeat(16), '--overlap', 'long'],
    'a key that is no number': ['revoke', '0'.repeat(16), '--key', 'one'],
  };
  for (const [name, argv] of Object.entries(wrong)) {
    it(`refuses ${name} as a mistake on the line`, async () => {
      const { code, stdout, stderr } = await run(...argv);
      expect([code, stdout]).to.deep.equal([2, '']);
      expect(stderr).not.to.equal('');
    });
  }

  it('refuses a range that is none, by name', async () => {
    const { code, stderr } = await run('add', 'x', '--scope', 'verify', '--allow', '10.0.0.0/40');
    expect(code).to.equal(1);
    expect(stderr).to.include('2001:db8::/32');
  });

  it('is kept to its addresses and its limits by a serving fobd', async () => {
    const near = await add('near', '--scope', 'tokens:read', '--allow', '127.0.0.0/8');
    const far = await add('far', '--scope', 'tokens:read', '--allow', '192.0.2.0/24');
    const limits = path.join(directory.place, 'limits.json');
    await writeFile(limits, '{"wrongKeysPerMinute": 2}');
    const args = ['--limits', limits, '--behind-proxy', '--trusted-proxy', '127.0.0.1'];
    const serving = await serveInProcess(data, args);
    try {
      const ask = async (apiKey: string, forwardedFor?: string) => {
        const headers = {
          authorization: `Bearer ${apiKey}`,
          ...(forwardedFor === undefined ? {} : { 'x-forwarded-for': forwardedFor }),
        };
        return (await fetch(`${serving.address}/v1/tokens`, { headers })).status;
      };
      expect(await ask(near.apiKey)).to.equal(200);
      expect(await ask(near.apiKey, '127.0.0.1, 192.0.2.7')).to.equal(401);
      expect(await ask(far.apiKey, '127.0.0.1, 192.0.2.7')).to.equal(200);
      expect(await ask(far.apiKey)).to.equal(401);
      const spoilt = `fobd_${'0'.repeat(16)}_${randomBytes(32).toString('base64url')}`;
      const statuses = [];
      for (let n = 0; n < 4; n += 1) statuses.push(await ask(spoilt, '203.0.113.5'));
      expect(statuses).to.deep.equal([401, 401, 429, 429]);
      // Over its socket the owner sees when a key was used, to the moment.
      const { lastUsedAt } = (await show(near.id)).keys[0] ?? {};
      expect(Date.now() - Date.parse(lastUsedAt ?? '')).to.be.within(0, 60_000);
    } finally {
      const { stderr } = await serving.stop();
      expect(stderr).to.include('came from an address that is not allowed');
      expect(stderr).not.to.include(far.apiKey.slice(-43));
    }
  });

  it('knows a proxy only behind one', async () => {
    const { code, stderr } = await fobd(['serve', '--data', data, '--trusted-proxy', '10.0.0.7']);
    expect(code).to.equal(2);
    expect(stderr).to.include('--behind-proxy');
  });
});
