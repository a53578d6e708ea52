import fs from 'node:fs';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { expect } from 'chai';
import { fob, fobJson, temporaryDirectory } from '../../support/fob-env.ts';

interface Tokens {
  readonly tokens: readonly { readonly serial: string; readonly profile: string }[];
}
interface Press {
  readonly serial: string;
  readonly at: string;
  readonly state: string;
  readonly display: string;
  readonly code: string | null;
}

describe('fob export and fob import', () => {
  let home: ReturnType<typeof temporaryDirectory>;
  let variables: Record<string, string>;
  const at = (name: string) => path.join(home.path, name);
  const run = (...argv: string[]) => fob(argv, { variables });
  const json = <Answer>(...argv: string[]) => fobJson<Answer>(argv, { variables });
  const stdin = (text: string) => new PassThrough().end(text);
  const serials = async () =>
    (await json<Tokens>('list')).tokens.map(({ serial }) => serial).sort();

  beforeEach(() => {
    home = temporaryDirectory();
    variables = { FOB_DRAWER: at('drawer') };
  });
  afterEach(() => home.remove());

  for (const format of ['pskc', 'csv', 'otpauth']) {
    for (const profile of ['c30', 'e6']) {
      it(`${format} carries a ${profile} over: the twin shows the same codes`, async () => {
        await json('make', 'A', '--profile', profile, '--crystal', 'ideal');
        await json('press', 'A', '--at', '2026-01-01T00:00:00Z');
        const { stdout, stderr } = await run('export', 'A', '--format', format);
        expect(stderr).to.contain('contains the seed');
        const original = await json<Press>('press', 'A', '--at', '2026-01-02T00:00:00Z');
        variables = { FOB_DRAWER: at('twin') };
        const argv = ['import', '-'];
        const made = await fobJson<Tokens>(argv, { variables, stdin: stdin(stdout) });
        expect(made.tokens).to.deep.equal([{ serial: 'A', profile }]);
        const twin = await json<Press>('press', 'A', '--at', '2026-01-02T00:00:00Z');
        expect(twin).to.deep.equal(original);
        const [token] = (await json<{ tokens: { mode: string }[] }>('list')).tokens;
        expect(token?.mode).to.equal('live');
      });
    }
  }

  const keyFiles: Readonly<Record<string, readonly [option: string, content: string]>> = {
    'a key': ['--key-file', '00010203 04050607\n08090a0b 0c0d0e0f\n'],
    'a passphrase': ['--passphrase-file', 'Schlüssel 1\n'],
  };
  for (const [what, [option, content]] of Object.entries(keyFiles)) {
    it(`carries a token over under ${what}, and to nobody without it`, async () => {
      await json('make', 'A', '--profile', 'e6');
      await json('press', 'A');
      const [keyFile, wrongFile, file] = [at('key'), at('wrong'), at('a.pskcxml')];
      fs.writeFileSync(keyFile, content);
      fs.writeFileSync(wrongFile, content.replace('1', '2'));
      await json('export', 'A', option, keyFile, '--output', file);
      expect(fs.readFileSync(file, 'utf8')).to.include('<ValueMAC>').and.not.include('<Secret><Pl');
      const original = await json<Press>('press', 'A');
      variables = { FOB_DRAWER: at('twin') };
      for (const options of [[], [option, wrongFile]]) {
        const refused = await run('import', file, ...options);
        expect(refused.exitCode).to.equal(1);
        expect(refused.stderr).to.match(/encrypted under|is wrong, or the file was changed/);
      }
      expect(await serials()).to.deep.equal([]);
      await json('import', file, option, keyFile);
      expect((await json<Press>('press', 'A')).code).to.equal(original.code);
    }).timeout(60_000);
  }

  it('encrypts pskc alone, and takes one key', async () => {
    await json('make', 'A');
    fs.writeFileSync(at('key'), '00'.repeat(16));
    const csv = await run('export', 'A', '--format', 'csv', '--key-file', at('key'));
    expect(csv.exitCode).to.equal(2);
    const both = ['--key-file', at('key'), '--passphrase-file', at('key')];
    expect((await run('export', 'A', ...both)).exitCode).to.equal(2);
    const missing = await run('export', 'A', '--key-file', at('none'));
    expect([missing.exitCode, missing.stderr]).to.deep.equal([
      1,
      `fob: ${at('none')} cannot be read (ENOENT)\n  Name a text file that you may read.\n`,
    ]);
  });

  it('takes a CSV that could be of two kinds once its kind is named', async () => {
    const text = `H1,3132333435363738393031323334353637383930,hotp,6,42\n`;
    const doubt = await fob(['import', '-'], { variables, stdin: stdin(text) });
    expect(doubt.exitCode).to.equal(1);
    expect(doubt.stderr).to.include('Name its dialect: linotp, privacyidea');
    const named = ['import', '-', '--dialect', 'privacyidea'];
    await fobJson(named, { variables, stdin: stdin(text) });
    expect(await serials()).to.deep.equal(['H1']);
  });

  it('takes SafeNet’s XML', async () => {
    const text =
      '<Tokens><Token serial="F8"><Applications><Application><Seed>' +
      '3132333435363738393031323334353637383930</Seed></Application></Applications></Token></Tokens>';
    await fobJson(['import', '-'], { variables, stdin: stdin(text) });
    expect((await json<Press>('press', 'F8')).code).to.equal('755224');
  });

  it('writes a file for its owner alone, and never over another', async () => {
    await json('make', 'A');
    const file = at('a.csv');
    expect(await json('export', 'A', '--format', 'csv', '--output', file)).to.deep.equal({
      serial: 'A',
      format: 'csv',
      output: file,
    });
    expect(fs.statSync(file).mode & 0o777).to.equal(0o600);
    const again = await run('export', 'A', '--output', file);
    expect(again.exitCode).to.equal(1);
    expect(again.stdout).to.equal('');
    expect(fs.readdirSync(home.path)).to.have.members(['drawer', 'drawer.key', 'a.csv']);
  });

  it('takes a hyphen for standard output', async () => {
    await json('make', 'A');
    const { stdout } = await run('export', 'A', '--format', 'csv', '--output', '-');
    expect(stdout).to.match(
      /^serial,seed,.*,manufacturer,model\nA,[0-9a-f]{40},SHA1,6,30,,Fobtwin emulator,c30\n$/,
    );
    expect(fs.existsSync('-')).to.equal(false);
  });

  it('takes tokens of parameters that no profile has', async () => {
    const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
    const lines = [
      `otpauth://totp/Bank:T8?secret=${secret}&algorithm=SHA256&digits=8&period=60`,
      '',
      `otpauth://hotp/H7?secret=${secret}&algorithm=SHA512&digits=7&counter=41`,
    ];
    const input = stdin(`${lines.join('\r\n')}\r\n`);
    await fobJson(['import', '-'], { variables, stdin: input });
    expect((await json<Press>('press', 'T8')).display).to.match(/^[0-9]{8}$/);
    expect((await json<Press>('press', 'H7')).display).to.match(/^[0-9]{7}$/);
    expect(await json('show', 'T8', '--back')).to.include({
      algorithm: 'SHA256',
      stepSeconds: 60,
      issuer: 'Bank',
    });
  });

  const uri = (serial: string, secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ') =>
    `otpauth://totp/${serial}?secret=${secret}`;
  const refusals: readonly (readonly [what: string, text: string, says: RegExp])[] = [
    ['an empty file', ' \n', /empty/],
    [
      'a bad line in the middle',
      `${uri('A')}\n${uri('B', 'GEZDGNBV')}\n${uri('C')}\n`,
      /[Ll]ine 2/,
    ],
    ['a serial that is there twice', `${uri('A')}\n${uri('B')}\n${uri('a')}\n`, /A .*twice/],
    ['a serial that is in the drawer', `${uri('A')}\n${uri('OWN')}\n`, /already has OWN/],
    ['a CSV without a header it knows', 'a,b\n1,2\n', /line 1|column|header/i],
    ['a PSKC that is cut', '<?xml version="1.0"?><KeyContainer', /./],
    ['half an address', 'otpauth://totp/A\n', /[Ll]ine 1/],
  ];
  for (const [what, text, says] of refusals) {
    it(`imports nothing of ${what}`, async () => {
      await json('make', 'OWN');
      const input = stdin(text);
      const { exitCode, stderr, stdout } = await fob(['import', '-'], {
        variables,
        stdin: input,
      });
      expect(stderr).to.match(says);
      expect({ exitCode, stdout }).to.deep.equal({ exitCode: 1, stdout: '' });
      expect(stderr).not.to.contain('GEZDGNBV');
      expect(await serials()).to.deep.equal(['OWN']);
    });
  }

  it('refuses what is not UTF-8', async () => {
    const input = new PassThrough().end(Buffer.from([0xff, 0xfe, 0x41, 0x00]));
    const { exitCode, stderr } = await fob(['import', '-'], { variables, stdin: input });
    expect(exitCode).to.equal(1);
    expect(stderr).to.contain('not UTF-8');
  });
});
