import path from 'node:path';
import { expect } from 'chai';
import { request } from 'undici';
import { fobd, serveInProcess } from '../../support/fobd-in-process.ts';
import { temporaryDirectory } from '../../support/fobd-process.ts';

const PASSWORD = 'correct horse battery staple';

describe("fobd account sessions, and an application's strength", function () {
  this.timeout(60_000);
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let data: string;

  before(async () => {
    directory = await temporaryDirectory();
    data = path.join(directory.place, 'data');
    expect((await fobd(['init', '--data', data])).code).to.equal(0);
  });
  after(() => directory.remove());

  const run = (...argv: string[]) => fobd([...argv, '--data', data]);

  it('list where somebody has signed in, and end it, served or not', async () => {
    await run('account', 'add', 'jennifer');
    const scopes = ['--scope', 'sessions', '--scope', 'accounts:admin'];
    const added = await run('application', 'add', 'portal', ...scopes, '--json');
    const { apiKey } = JSON.parse(added.stdout) as { apiKey: string };
    const served = await serveInProcess(data, ['--log-level', 'silent']);
    const send = async (method: 'POST' | 'PUT', where: string, body: object) => {
      const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' };
      const reply = await request(served.address + where, {
        ...{ method, headers },
        body: JSON.stringify(body),
      });
      return (await reply.body.json()) as Record<string, unknown>;
    };
    await send('PUT', '/v1/accounts/jennifer/password', { password: PASSWORD });
    const signIn = { user: 'jennifer', password: PASSWORD };
    await run('account', 'add', 'bob');
    await send('PUT', '/v1/accounts/bob/password', { password: PASSWORD });
    await send('POST', '/v1/sessions', { ...signIn, user: 'bob' });
    const { sessionToken } = await send('POST', '/v1/sessions', signIn);
    expect(sessionToken).to.be.a('string');
    await send('POST', '/v1/sessions', signIn);

    const { stdout } = await run('account', 'sessions', 'jennifer');
    const [heading, ...rows] = stdout.trim().split('\n');
    expect(heading).to.match(/^SESSION +STRENGTH +TOKEN +BEGAN +LAST SEEN +ENDS/);
    expect(rows).to.have.length(2);
    for (const row of rows) expect(row).to.match(/^[0-9a-f]{16} +password +- +20/);
    expect(stdout).not.to.include(String(sessionToken));
    expect((await served.stop()).code).to.equal(0);

    expect((await run('account', 'sessions', 'jennifer')).stdout).to.equal(stdout);
    const ended = await run('account', 'end-sessions', 'jennifer');
    expect(ended.stdout).to.equal('2 sessions of jennifer ended.\n');
    expect((await run('account', 'sessions', 'jennifer')).stdout).to.equal('No sessions.\n');
    const again = await run('account', 'end-sessions', 'jennifer', '--json');
    expect(JSON.parse(again.stdout)).to.deep.equal({ ended: 0 });
  });

  it('sign everybody out by a restore, and the log says so', async () => {
    const file = path.join(directory.place, 'backup');
    const where = path.join(directory.place, 'restored');
    const signedIn = await run('account', 'sessions', 'bob', '--json');
    expect(JSON.parse(signedIn.stdout)).to.have.property('items').with.length(1);
    expect((await run('backup', '--output', file)).code).to.equal(0);
    const masterKey = ['--master-key-file', path.join(data, 'master.key')];
    const restored = await fobd(['restore', file, '--data', where, ...masterKey]);
    expect(restored.code, restored.stderr).to.equal(0);
    const ask = (...argv: string[]) => fobd([...argv, '--data', where, ...masterKey]);
    expect((await ask('account', 'sessions', 'bob')).stdout).to.equal('No sessions.\n');
    const log = await ask('audit', 'list', '--account', 'bob', '--json', '--limit', '500');
    const { items } = JSON.parse(log.stdout) as { items: { action: string; details?: object }[] };
    expect(items.at(-1)).to.deep.include({ action: 'endSession' });
    expect(items.at(-1)?.details).to.include({ why: 'restored' });
    expect((await ask('audit', 'verify')).code).to.equal(0);
  });

  it('are demanded by an application from its beginning on, or later', async () => {
    const strengthOf = async (id: string) => {
      const { stdout } = await run('application', 'show', id);
      return /^strength: *(.*)$/m.exec(stdout)?.[1];
    };
    const demanding = ['--scope', 'verify', '--strength', 'hardwareToken'];
    const added = await run('application', 'add', 'plant', ...demanding, '--json');
    const { id } = JSON.parse(added.stdout) as { id: string };
    expect(await strengthOf(id)).to.equal('hardwareToken');
    const lowered = await run('application', 'strength', id, 'mobileId', '--reason', 'no tokens');
    expect(lowered.code, lowered.stderr).to.equal(0);
    expect(await strengthOf(id)).to.equal('mobileId');
    await run('application', 'strength', id, 'any');
    expect(await strengthOf(id)).to.equal('any');
    const { stdout } = await run('application', 'list');
    expect(stdout.split('\n')[0]).to.match(/FROM +STRENGTH +ROLES/);
  });
});
