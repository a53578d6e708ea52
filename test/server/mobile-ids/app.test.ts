import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import jsqr from 'jsqr';
import { PNG } from 'pngjs';
import { renderPng } from '../../../emulator/picture/render-png.ts';
import { type Peer, peerOrSkip } from '../../support/debian.ts';
import { fobd } from '../../support/fobd-in-process.ts';
import { temporaryDirectory } from '../../support/fobd-process.ts';
import { addPerson } from '../http/people.ts';
import { type Served, STEP_MILLIS, serve } from '../http/served.ts';

const execute = promisify(execFile);

/** What a camera would read off the picture. */
async function readQr(svg: string): Promise<string | undefined> {
  const { data, width, height } = PNG.sync.read(Buffer.from(await renderPng(svg, { scale: 4 })));
  return jsqr.default(new Uint8ClampedArray(data), width, height)?.data;
}

const secretOf = (uri: string): string => new URL(uri).searchParams.get('secret') ?? '';

describe('a Mobile ID beside apps that are not ours', function () {
  this.timeout(30_000);
  let served: Served;
  let key: string;

  before(async () => {
    served = await serve({ business: { mobileIdIssuer: 'Example & Söhne' } });
    key = await served.key();
    await addPerson(served, 'henry', { roles: ['helpdesk'] });
  });
  after(() => served.close());

  const create = async () =>
    (await served.send({ path: '/v1/accounts/henry/mobile-ids', key, body: {} }))
      .json as unknown as { readonly serial: string; readonly uri: string; qrCode: string };

  it('has a QR code that another reader reads, with the issuer that was set', async () => {
    const { serial, uri, qrCode } = await create();
    expect(await readQr(qrCode)).to.equal(uri);
    expect(decodeURIComponent(new URL(uri).pathname)).to.include(`Example & Söhne:${serial}`);
    expect(new URL(uri).searchParams.get('issuer')).to.equal('Example & Söhne');
  });

  describe('such as oathtool', () => {
    let oathtool: Peer;

    before(async function () {
      oathtool = await peerOrSkip(this, 'oathtool');
    });

    /** So many codes from `at` on, as the app makes them of what it has scanned. */
    async function codesAt(uri: string, at: number): Promise<readonly string[]> {
      const query = new URL(uri).searchParams;
      const now = new Date(at).toISOString().replace('T', ' ').replace(/\..*$/, ' UTC');
      const options = ['--totp', '-s', `${query.get('period')}s`, '-d', query.get('digits') ?? ''];
      const all = [...options, '-N', now, '-w', '2', '--base32', secretOf(uri)];
      const { stdout } = await execute(oathtool.path, all, { env: oathtool.env });
      return stdout.trim().split('\n');
    }

    it('is confirmed by its codes and signs in with them', async () => {
      const { serial, uri } = await create();
      const [code1, code2, code3] = await codesAt(uri, served.clock.at);
      served.clock.at = (served.clock.at + STEP_MILLIS) as typeof served.clock.at;
      const confirmed = await served.send({
        path: `/v1/accounts/henry/mobile-ids/${serial}/confirmation`,
        key,
        body: { code1, code2 },
      });
      expect(confirmed.json['outcome'], confirmed.text).to.equal('accepted');
      served.clock.at = (served.clock.at + STEP_MILLIS) as typeof served.clock.at;
      const body = { account: 'henry', code: code3 };
      const { json } = await served.send({ path: '/v1/verify', key, body });
      expect(json).to.include({ outcome: 'accepted', strength: 'mobileId', serial });
    });
  });
});

describe('fobd mobile-id', function () {
  this.timeout(60_000);
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let data: string;
  let oathtool: Peer;

  before(async function () {
    oathtool = await peerOrSkip(this, 'oathtool');
    directory = await temporaryDirectory();
    data = path.join(directory.place, 'data');
    expect((await fobd(['init', '--data', data])).code).to.equal(0);
    const add = ['account', 'add', 'ida', '--role', 'administrator', '--data', data];
    expect((await fobd(add)).code).to.equal(0);
  });
  after(() => directory?.remove());

  const run = (argv: readonly string[], input = '') =>
    fobd(['mobile-id', ...argv, '--data', data], { input });

  it('shows a QR code in the terminal, this once, and confirms by two codes', async () => {
    const { code, stdout, stderr } = await run(['create', 'ida']);
    expect(code, stderr).to.equal(0);
    expect(stdout.split('\n').length).to.be.greaterThan(20);
    expect(stdout)
      .to.match(/[▀▄█]{20}/)
      .and.not.include('\u001b');
    const uri = /otpauth:\S+/.exec(stdout)?.[0] ?? '';
    const serial = /MID-[0-9A-Z]{12}/.exec(uri)?.[0] ?? '';
    const all = ['--totp', '-w', '1', '--base32', secretOf(uri)];
    const codes = (await execute(oathtool.path, all, { env: oathtool.env })).stdout;
    const confirmed = await run(['confirm', 'ida', serial], codes);
    expect(confirmed.code, confirmed.stderr).to.equal(0);
    expect(confirmed.stdout).to.equal(`${serial} is registered.\n`);
    const again = await run(['confirm', 'ida', serial], codes);
    expect(again.code).to.equal(1);
    expect(again.stderr).to.include('[notFound]');
  });

  it('writes what is shown once to new files instead, and never over another', async () => {
    const uriFile = path.join(directory.place, 'uri.txt');
    const qrFile = path.join(directory.place, 'qr.svg');
    const files = ['--uri-file', uriFile, '--qr-file', qrFile];
    const { code, stdout, stderr } = await run(['create', 'ida', ...files]);
    expect(code, stderr).to.equal(0);
    expect(stdout).not.to.include('otpauth');
    const uri = (await readFile(uriFile, 'utf8')).trim();
    expect(await readQr(await readFile(qrFile, 'utf8'))).to.equal(uri);
    const taken = await run(['create', 'ida', '--uri-file', uriFile]);
    expect(taken.code).to.equal(1);
    expect(taken.stderr).to.include('[exists]');
  });

  it('refuses what it cannot do', async () => {
    expect((await run(['create', 'nobody'])).stderr).to.include('[notFound]');
    expect((await run(['create', 'ida', '--credential', 'x'])).code).to.equal(2);
    expect((await run([])).code).to.equal(2);
  });
});
