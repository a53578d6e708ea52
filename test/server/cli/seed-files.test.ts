import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import { formatCsv } from '../../../shared/seed-files/csv-format.ts';
import { fobd } from '../../support/fobd-in-process.ts';
import { temporaryDirectory } from '../../support/fobd-process.ts';
import { eventCode, eventEntry } from '../http/served.ts';

const KEY_HEX = '000102030405060708090a0b0c0d0e0f';

describe('fobd seed-file', () => {
  let place: string;
  let data: string;
  let remove: () => Promise<void>;

  beforeEach(async () => {
    ({ place, remove } = await temporaryDirectory());
    data = path.join(place, 'data');
    await fobd(['init', '--data', data]);
    await writeFile(
      path.join(place, 'key.hex'),
      `${KEY_HEX.slice(0, 16)}\n ${KEY_HEX.slice(16)}\n`,
    );
    await writeFile(path.join(place, 'words.txt'), 'käse & brot\n');
    const entries = Array.from({ length: 3 }, (_, n) => eventEntry(`FT${n}`));
    await writeFile(path.join(place, 'seeds.csv'), formatCsv(entries));
  });
  afterEach(() => remove());

  const run = (args: readonly string[], env: Parameters<typeof fobd>[1] = {}, to = data) =>
    fobd(['seed-file', ...args, '--data', to], { directory: place, ...env });
  const importAll = () => run(['import', 'seeds.csv']);

  for (const option of ['--key-file=key.hex', '--passphrase-file=words.txt']) {
    it(`takes seeds from one server to another, encrypted with ${option}`, async () => {
      await importAll();
      const out = await run(['export', '--output', 'out.pskcxml', option, '--json']);
      expect(out.code, out.stderr).to.equal(0);
      expect(JSON.parse(out.stdout)).to.include({ format: 'pskc', tokens: 3 });
      const file = path.join(place, 'out.pskcxml');
      expect((await stat(file)).mode & 0o777).to.equal(0o600);
      expect(await readFile(file, 'utf8')).to.match(/<\/KeyContainer>\s*$/);
      const other = path.join(place, 'other');
      await fobd(['init', '--data', other]);
      expect((await run(['import', 'out.pskcxml'], {}, other)).code).to.equal(1);
      const back = await run(['import', 'out.pskcxml', option, '--json'], {}, other);
      expect(back.code, back.stderr).to.equal(0);
      expect(JSON.parse(back.stdout)).to.include({ imported: 3 });
      expect(out.stderr + back.stderr).to.equal('');
    });
  }

  it('writes seeds in the clear only when it is told to, and never over another file', async () => {
    await importAll();
    const refused = await run(['export', '--output', 'out.csv', '--format', 'csv']);
    expect(refused.code).to.equal(1);
    expect(refused.stderr).to.contain('in the clear').and.to.contain('[invalidInput]');
    const names = await readdir(place);
    expect(names).not.to.include('out.csv');
    expect(names.filter((name) => name.endsWith('.tmp'))).to.deep.equal([]);
    const plain = ['export', 'ft1', '--output', 'out.csv', '--format', 'csv', '--plain'];
    const done = await run(plain);
    expect(done.code, done.stderr).to.equal(0);
    expect(done.stdout).to.contain('1 token written to').and.to.contain('in the clear');
    const text = await readFile(path.join(place, 'out.csv'), 'utf8');
    expect(text.trim().split('\n')).to.have.length(2);
    const again = await run(plain);
    expect(again.stderr).to.contain('[exists]');
    expect(await readFile(path.join(place, 'out.csv'), 'utf8')).to.equal(text);
  });

  it('leaves no file behind when the export is refused, and no record of it', async () => {
    await importAll();
    for (const args of [
      ['export', 'NOWHERE', '--plain'],
      ['export', '--state', 'revoked', '--plain'],
    ]) {
      expect((await run([...args, '--output', 'out.xml'])).stderr).to.contain('[notFound]');
    }
    expect(await readdir(place)).not.to.include('out.xml');
    const { stdout } = await fobd(['audit', 'list', '--data', data]);
    expect(stdout).not.to.contain('export');
  });

  it('refuses a key file that is not there, is none, or stands beside a passphrase', async () => {
    const codes = async (...args: string[]) => {
      const { code, stderr } = await run(['import', 'seeds.csv', ...args]);
      return `${code} ${/\[(\w+)\]/.exec(stderr)?.[1]}`;
    };
    expect(await codes('--key-file', 'nowhere')).to.equal('1 fileUnreadable');
    expect(await codes('--key-file', 'words.txt')).to.equal('1 invalidInput');
    expect(await codes('--key-file', 'key.hex', '--passphrase-file', 'words.txt')).to.equal(
      '2 usage',
    );
    // Latin-1: its é would become another passphrase without a word.
    await writeFile(path.join(place, 'latin1.txt'), Buffer.from('passw\u00e9', 'latin1'));
    expect(await codes('--passphrase-file', 'latin1.txt')).to.equal('1 fileUnreadable');
    expect(await codes('--dialect', 'doric')).to.equal('2 usage');
    const { stderr } = await run(['import', 'seeds.csv', '--key-file', 'words.txt']);
    expect(stderr).not.to.contain('käse');
  });

  it('imports in part where it is told to, and says beforehand what would be refused', async () => {
    const text = await readFile(path.join(place, 'seeds.csv'), 'utf8');
    const bad = text
      .split('\n')
      .map((line, n) => (n === 2 ? line.replace('FT1,', 'FT1,xyz') : line));
    await writeFile(path.join(place, 'bad.csv'), bad.join('\n'));
    const dry = await run(['import', 'bad.csv', '--dry-run']);
    expect(dry.code).to.equal(1);
    expect(dry.stderr).to.contain('line 3/seed').and.to.contain('1 refused');
    expect(dry.stderr).to.contain('with --partial the others would be imported');
    expect((await run(['import', 'bad.csv'])).code).to.equal(1);
    const part = await run(['import', 'bad.csv', '--partial']);
    expect(part.code, part.stderr).to.equal(0);
    expect(part.stdout).to.contain('2 imported, 0 skipped, 1 refused.');
  });

  it('registers a token to the account that its file names', async () => {
    const csv = formatCsv([eventEntry('FT9')]).split('\n');
    const named = [`${csv[0]},account`, `${csv[1]},jennifer`, ''].join('\n');
    await writeFile(path.join(place, 'named.csv'), named);
    const imported = await run(['import', 'named.csv']);
    expect(imported.code, imported.stderr).to.equal(0);
    await importAll();
    await fobd(['account', 'add', 'jennifer', '--data', data]);
    const shown = await fobd(['token', 'show', 'FT9', '--data', data]);
    expect(shown.stdout).to.match(/made for: +jennifer/);
    const register = (serial: string) =>
      fobd(['token', 'register', serial, '--data', data, '--json'], {
        input: `${eventCode(serial, 0)}\n${eventCode(serial, 1)}\n`,
      });
    const done = await register('FT9');
    expect(done.code, done.stderr).to.equal(0);
    expect(JSON.parse(done.stdout)).to.have.nested.property('token.account', 'jennifer');
    const nobody = await register('FT0');
    expect(nobody.code).to.equal(2);
    expect(nobody.stderr).to.contain('--account ID');
  });

  describe('on a terminal', () => {
    const terminal = () => {
      const written: string[] = [];
      const errors = { isTTY: true, write: (text: string) => written.push(text) };
      return { written, errors };
    };

    it('shows how far the file is, and takes the line away', async () => {
      const entries = Array.from({ length: 400 }, (_, n) => eventEntry(`T${1000 + n}`));
      await writeFile(path.join(place, 'many.csv'), formatCsv(entries));
      const { written, errors } = terminal();
      expect((await run(['import', 'many.csv'], { errors })).code).to.equal(0);
      expect(written.join('')).to.match(/\r\[#{24}\] 100 % {2}\d\.\d of \d\.\d MB, 400 tokens/);
      expect(written.at(-1)).to.match(/^\r +\r$/);
    });

    it('takes it away before it says what went wrong', async () => {
      await writeFile(path.join(place, 'bad.csv'), 'serial,seed\nFT1,zz\n');
      const { written, errors } = terminal();
      expect((await run(['import', 'bad.csv'], { errors })).code).to.equal(1);
      const cleared = written.findIndex((text) => /^\r +\r$/.test(text));
      const told = written.findIndex((text) => text.includes('[invalidInput]'));
      expect(cleared).to.be.greaterThan(0).and.lessThan(told);
    });

    it('shows nothing with --json', async () => {
      const { written, errors } = terminal();
      expect((await run(['import', 'seeds.csv', '--json'], { errors })).code).to.equal(0);
      expect(written).to.deep.equal([]);
    });
  });
});
