import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import type { Finding } from '../../../server/doctor/finding.ts';
import type { UnixMillis } from '../../../shared/types.ts';
import { fobd, serveInProcess } from '../../support/fobd-in-process.ts';
import { temporaryDirectory } from '../../support/fobd-process.ts';
import { type SmtpProcess, startSmtpProcess } from '../../support/smtp-process.ts';

const PASSWORD = 'a long password of somebody';

/** A data directory of its own, with a command that runs in it. */
async function directoryOf(...init: string[]) {
  const { place, remove } = await temporaryDirectory();
  const data = path.join(place, 'data');
  const run = (argv: readonly string[], input = '') => fobd([...argv, '--data', data], { input });
  const done = async (argv: readonly string[], input = ''): Promise<string> => {
    const { code, stdout, stderr } = await run(argv, input);
    expect(code, stderr).to.equal(0);
    return stdout;
  };
  await done(['init', ...init]);
  await done(['account', 'add', 'jennifer', '--email', 'jennifer@example.com']);
  return { place, data, run, done, remove };
}

type Directory = Awaited<ReturnType<typeof directoryOf>>;

const findingsOf = async (
  { done }: Directory,
  check: RegExp,
  args: readonly string[] = [],
): Promise<readonly Finding[]> => {
  const { findings } = JSON.parse(await done(['doctor', '--json', ...args])) as {
    findings: Finding[];
  };
  return findings.filter((each) => check.test(each.check));
};

describe('fobd notice', function () {
  this.timeout(30_000);
  let directory: Directory;
  let peer: SmtpProcess | undefined;
  beforeEach(async () => {
    directory = await directoryOf();
  });
  afterEach(async () => {
    await peer?.close();
    peer = undefined;
    await directory.remove();
  });

  const mailFile = async (more: object): Promise<string> => {
    const file = path.join(directory.place, 'mail.json');
    const fixed = { host: '127.0.0.1', security: 'none', from: 'otp@example.com' };
    await writeFile(file, JSON.stringify({ ...fixed, ...more }));
    return file;
  };

  it('lists and shows what a command left for the server, which then sends it', async () => {
    const { run, done, data } = directory;
    expect(await done(['notice', 'list'])).to.include('No notices.');
    await done(['account', 'change', 'jennifer', '--email', 'j.blue@example.com']);
    const listed = await done(['notice', 'list', '--account', 'jennifer', '--state', 'queued']);
    expect(listed).to.match(/queued +jennifer@example\.com +-/);
    const id = /^(jennifer:\S+)/m.exec(listed)?.[1] ?? '';
    expect(await done(['notice', 'show', id]))
      .to.match(/^state: +queued$/m)
      .and.match(/^Message-ID: +<[0-9a-f]{32}@[0-9a-f]{16}\.fobd>$/m)
      .and.include('The mail address of your account was changed');
    const [finding] = await findingsOf(directory, /^mail$/);
    expect(finding).to.include({ level: 'warn', what: 'Mails wait, and no mail server is set' });
    expect((await run(['notice', 'retry', id])).stderr).to.include('[notAllowedNow]');
    expect((await run(['notice', 'show', 'nothing'])).stderr).to.include('[notFound]');
    expect((await run(['notice', 'list', '--state', 'lost'])).code).to.equal(2);
    peer = await startSmtpProcess();
    const mail = await mailFile({ port: peer.port });
    const serving = await serveInProcess(data, ['--mail', mail]);
    await peer.delivered(1);
    const stopped = await serving.stop();
    expect(stopped.code, stopped.stderr).to.equal(0);
    expect(peer.mails[0]?.to).to.deep.equal(['jennifer@example.com']);
    expect(await done(['notice', 'show', id])).to.match(/^state: +sent$/m);
    expect((await findingsOf(directory, /^notices$/))[0]).to.include({ level: 'ok' });
  });

  it('is told of by doctor once a mail has waited for an hour', async () => {
    const { done, data } = directory;
    await done(['account', 'change', 'jennifer', '--email', 'j.blue@example.com']);
    const mail = await mailFile({});
    expect(await findingsOf(directory, /^mail$/, ['--mail', mail])).to.deep.equal([]);
    const clock = { now: () => (Date.now() + 3_700_000) as UnixMillis };
    const argv = ['doctor', '--json', '--data', data, '--mail', mail];
    const { code, stdout } = await fobd(argv, { clock });
    expect(code, stdout).to.equal(0);
    expect(stdout).to.match(/The queue of mails does not drain: one waits since 20/);
  });

  it('sends what was undeliverable once there is an address', async () => {
    const { done, data, run } = directory;
    await done(['account', 'add', 'nobody']);
    peer = await startSmtpProcess();
    const mail = await mailFile({ port: peer.port });
    await (await serveInProcess(data, ['--mail', mail])).stop();
    await done(['account', 'password', 'nobody'], `${PASSWORD}\n`);
    const serving = await serveInProcess(data, ['--mail', mail]);
    let id: string | undefined;
    while (id === undefined) {
      await delay(50);
      id = /^(audit-\S+)/m.exec(await done(['notice', 'list', '--state', 'undeliverable']))?.[1];
    }
    await serving.stop();
    expect((await run(['notice', 'retry', id])).stderr).to.include('has no mail address');
    await done(['account', 'change', 'nobody', '--email', 'nobody@example.com']);
    expect(await done(['notice', 'retry', id])).to.include('is queued.');
  });

  for (const [what, file, pattern] of [
    ['a mail server that would get mail in the clear', { host: 'mx.example.com' }, /unencrypted/],
    ['a sender that is none', { from: 'a@b, c@d' }, /is one mail address/],
    ['a sender with a second line', { from: 'a@example.com\r\nBcc: x@y' }, /is one mail address/],
    ['a name with a second line', { fromName: 'x\r\nBcc: y' }, /control characters/],
    ['a user without a password', { user: 'otp' }, /needs both/],
    ['a password file that is not there', { user: 'o', passwordFile: 'no' }, /cannot be read/],
    ['a password file that is empty', { user: 'o', passwordFile: 'empty' }, /is empty/],
    ['what it does not know', { password: 'typed here' }, /password/],
  ] as const) {
    it(`does not serve with ${what}`, async () => {
      await writeFile(path.join(directory.place, 'empty'), '\n');
      const { code, stderr } = await directory.run(['serve', '--mail', await mailFile(file)]);
      expect(code).to.equal(2);
      expect(stderr).to.match(pattern).and.include('[usage]').and.not.include('typed here');
    });
  }
});

describe('fobd lab mail', function () {
  this.timeout(30_000);

  it('shows what would have been mailed, in a lab only', async () => {
    const directory = await directoryOf('--lab');
    const { done, remove } = directory;
    expect(await done(['lab', 'mail'])).to.include('No mails.');
    await done(['account', 'password', 'jennifer'], `${PASSWORD}\n`);
    await done(['account', 'change', 'jennifer', '--email', 'j.blue@example.com']);
    const shown = await done(['lab', 'mail']);
    expect(shown)
      .to.include('To: jennifer@example.com\nSubject: The mail address of your account was changed')
      .and.include('Subject: Your password was set');
    expect(shown).to.not.include(PASSWORD);
    await remove();
    const real = await directoryOf();
    const { code, stderr } = await real.run(['lab', 'mail']);
    expect(code, stderr).to.equal(1);
    await real.remove();
  });
});

describe('fobd webhook', function () {
  this.timeout(30_000);
  let directory: Directory;
  before(async () => {
    directory = await directoryOf();
  });
  after(() => directory.remove());

  it('adds, lists, rotates, enables and removes', async () => {
    const { run, done } = directory;
    expect(await done(['webhook', 'list'])).to.include('No webhooks.');
    const url = 'https://example.com/hook';
    const added = await done(['webhook', 'add', url, '--event', 'lost', '--event', 'lock']);
    const [, id = '', secret = ''] =
      /Webhook ([0-9a-f]{16}) to .*\n\n {2}(whsec_\S+)/.exec(added) ?? [];
    expect(secret).to.match(/^whsec_/);
    const listed = await done(['webhook', 'list']);
    expect(listed).to.match(new RegExp(`${id} +${url} +lost lock +well +0 +0 +0`));
    expect(listed).to.not.include('whsec_');
    const rotated = await done(['webhook', 'rotate', id, '--overlap', '0s']);
    expect(rotated).to.include('whsec_').and.not.include(secret);
    expect((await run(['webhook', 'enable', id])).stderr).to.include('[notAllowedNow]');
    expect((await run(['webhook', 'add', 'https://10.0.0.1/'])).stderr).to.include(
      '--allow-private',
    );
    expect((await run(['webhook', 'add', 'http://example.com/'])).code).to.equal(1);
    expect(await done(['webhook', 'remove', id])).to.include(`${url} is removed.`);
    expect((await run(['webhook', 'remove', id])).stderr).to.include('[notFound]');
  });

  it('lists what retention removed before it was read', async () => {
    const { done, data } = directory;
    const added = await done(['webhook', 'add', 'https://example.com/', '--event', 'addAccount']);
    const id = /[0-9a-f]{16}/.exec(added)?.[0] ?? '';
    for (const account of ['ada', 'ben', 'cleo']) await done(['account', 'add', account]);
    const environment = { FOBD_AUDIT_KEEP: '0s', FOBD_AUDIT_KEEP_ENTRIES: '1' };
    const retain = ['audit', 'retain', '--keep', '0s', '--without-export', '--data', data];
    const { code, stderr } = await fobd(retain, { environment });
    expect(code, stderr).to.equal(0);
    const listed = await done(['webhook', 'list']);
    expect(listed).to.match(new RegExp(`${id} .* well +0 +0 +[23] \\([23] by retention\\)`));
    await done(['webhook', 'remove', id]);
  });

  it('is told of by doctor while it fails', async () => {
    const { done, data } = directory;
    // Nobody listens there.
    const added = await done(['webhook', 'add', 'http://127.0.0.1:1/', '--json']);
    const { webhook } = JSON.parse(added) as { webhook: { id: string } };
    const serving = await serveInProcess(data);
    while (!(await done(['webhook', 'list'])).includes('failing since')) await delay(50);
    await serving.stop();
    const [finding] = await findingsOf(directory, /^webhooks$/);
    expect(finding).to.include({ level: 'warn' });
    expect(finding?.what).to.include(`Webhook ${webhook.id} is failing since`);
    await done(['webhook', 'remove', webhook.id]);
  });
});
