import path from 'node:path';
import { expect } from 'chai';
import { fobd, serveInProcess } from '../../support/fobd-in-process.ts';
import { temporaryDirectory } from '../../support/fobd-process.ts';

interface Client {
  readonly id: string;
  readonly requiredStrength?: string;
  readonly requiresProofing?: boolean;
  readonly redirectUris: readonly string[];
  readonly public: boolean;
}

describe('fobd oidc', function () {
  this.timeout(60_000);
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let data: string;

  before(async () => {
    directory = await temporaryDirectory();
    data = path.join(directory.place, 'data');
    expect((await fobd(['init', '--data', data])).code).equal(0);
  });
  after(() => directory.remove());

  const run = (...argv: string[]) => fobd(['oidc', ...argv, '--data', data]);
  async function json<T>(...argv: string[]): Promise<T> {
    const { code, stdout, stderr } = await run(...argv, '--json');
    expect(code, stderr).equal(0);
    return JSON.parse(stdout) as T;
  }
  const add = (...argv: string[]) =>
    json<{ client: Client; clientSecret?: string }>(
      ...['client', 'add', 'Timesheets', '--redirect-uri', 'https://a.example.com/back', ...argv],
    );

  it('adds a client, shows its secret once, changes and removes it', async () => {
    const { client, clientSecret = '' } = await add(
      ...['--redirect-uri', 'https://b.example.com/back', '--strength', 'hardwareToken'],
      ...['--post-logout-redirect-uri', 'https://a.example.com/'],
    );
    expect(client.redirectUris).to.have.length(2);
    expect(client.requiredStrength).equal('hardwareToken');
    const shown = (await run('client', 'show', client.id)).stdout;
    expect(shown).to.include('hardwareToken').and.not.include(clientSecret);
    await json('client', 'change', client.id, '--strength', 'none', '--name', 'Hours');
    expect((await run('client', 'list')).stdout).to.match(
      new RegExp(`^${client.id} +Hours +confidential +password `, 'm'),
    );
    const rotated = await run('client', 'rotate-secret', client.id, '--overlap', '1h');
    expect(rotated.stdout).to.match(/shown this once:\n\n {2}[A-Za-z0-9_-]{43}\n/);
    expect((await run('client', 'remove', client.id)).stdout).equal('Hours is removed.\n');
    expect((await run('client', 'show', client.id)).code).equal(1);
  });

  it('adds a client that needs a proofed credential, and shows it', async () => {
    const { client } = await add('--strength', 'mobileId', '--proofed');
    expect(client.requiresProofing).equal(true);
    expect((await run('client', 'show', client.id)).stdout).to.include('mobileId, proofed');
    await json('client', 'change', client.id, '--proofed=false');
    expect((await run('client', 'show', client.id)).stdout).not.to.include('proofed');
    await run('client', 'remove', client.id);
  });

  it('adds a public client, which has no secret', async () => {
    const { client, clientSecret } = await add('--public');
    expect(client.public).equal(true);
    expect(clientSecret).equal(undefined);
  });

  it('refuses what it cannot do, with the next step', async () => {
    const wrong = await run('client', 'add', 'x', '--redirect-uri', 'http://a.example.com/');
    expect(wrong.code).equal(1);
    expect(wrong.stderr).to.include('http on this machine');
    expect((await run('client', 'add', 'x')).code).equal(2);
    expect((await run('client', 'show', 'nobody')).code).equal(2);
    expect((await run('key', 'rotate', '--drop-old', '--delay', '1h')).code).equal(2);
  });

  it('rotates the signing keys', async () => {
    const { keys } = await json<{ keys: { use: string }[] }>('key', 'list');
    expect(keys.map(({ use }) => use)).to.deep.equal(['signs', 'signs']);
    const rotated = await json<{ keys: { use: string }[] }>('key', 'rotate', '--delay', '2h');
    expect(rotated.keys.map(({ use }) => use)).to.deep.equal(['signs', 'signs', 'next', 'next']);
    expect((await run('key', 'list')).stdout).to.match(/signs from 20/);
  });

  it('is served below the public address, and nothing of it without one', async () => {
    const without = await serveInProcess(data);
    const discovery = '/oidc/.well-known/openid-configuration';
    expect((await fetch(without.address + discovery)).status).equal(404);
    await without.stop();
    const args = ['--public-url', 'https://login.example.com', '--behind-proxy'];
    const served = await serveInProcess(data, args);
    const reply = await fetch(served.address + discovery);
    const said = (await reply.json()) as Record<string, unknown>;
    expect(said).to.include({
      issuer: 'https://login.example.com/oidc',
      token_endpoint: 'https://login.example.com/oidc/token',
    });
    const { client } = await add();
    const query = new URLSearchParams({
      client_id: client.id,
      redirect_uri: 'https://a.example.com/back',
      response_type: 'code',
      scope: 'openid',
      code_challenge: 'a'.repeat(43),
      code_challenge_method: 'S256',
    });
    const begun = await fetch(`${served.address}/oidc/auth?${query}`, { redirect: 'manual' });
    expect(begun.status).equal(303);
    const cookies = begun.headers.getSetCookie();
    expect(cookies).to.have.length(4);
    expect(cookies.every((cookie) => /; secure/i.test(cookie) && /; httponly/i.test(cookie))).equal(
      true,
    );
    const { stdout, stderr } = await served.stop();
    expect(stdout + stderr).not.to.match(/NOTICE/);
    expect(stdout).not.to.include('oidc-provider');
  });
});
