import fs from 'node:fs';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { expect } from 'chai';
import { fob, fobJson, fobTestEnv, loadFob, temporaryDirectory } from '../../support/fob-env.ts';

const PASSPHRASE = 'träumen vom Meer und Salz';

describe('fob drawer', function () {
  // A passphrase takes half a second each time it is used.
  this.timeout(60_000);
  let home: ReturnType<typeof temporaryDirectory>;
  let variables: Record<string, string>;
  const at = (name: string) => path.join(home.path, name);
  const run = (...argv: string[]) => fob(argv, { variables });
  const json = <Answer>(...argv: string[]) => fobJson<Answer>(argv, { variables });
  const passphraseFile = (name: string, text: string) => {
    fs.writeFileSync(at(name), text);
    return at(name);
  };

  beforeEach(async () => {
    home = temporaryDirectory();
    variables = { FOB_DRAWER: at('drawer') };
    await json('make', 'A', '--profile', 'e6');
    await json('press', 'A');
  });
  afterEach(() => home.remove());

  it('status says where the drawer is and what opens it', async () => {
    expect(await json('drawer', 'status')).to.deep.equal({
      drawer: at('drawer'),
      protection: 'keyFile',
      keyFile: at('drawer.key'),
      moved: null,
    });
    expect((await run('drawer', 'status')).stdout).to.contain('keep a copy of it');
    variables = { FOB_DRAWER: at('none') };
    expect(await json('drawer', 'status')).to.include({ protection: null, keyFile: null });
    expect(fs.existsSync(at('none'))).to.equal(false);
  });

  it('export and import move the tokens, and retire what was before', async () => {
    const file = at('desk.fobdrawer');
    const given = ['--passphrase-file', passphraseFile('p.txt', `${PASSPHRASE}\n`)];
    expect(await json('drawer', 'export', file, ...given)).to.deep.equal({
      output: file,
      tokens: 1,
    });
    const refused = await run('press', 'A');
    expect(refused.exitCode).to.equal(1);
    expect(refused.stderr).to.match(
      /moved into .*desk\.fobdrawer on 2026-01-01\n {2}Press them where/,
    );
    const listed = await run('list');
    expect(listed).to.include({ exitCode: 0, stderr: '' });
    expect(listed.stdout).to.contain('is empty. Its token moved into');
    expect(await json('list')).to.deep.equal({ tokens: [], problems: [] });
    expect((await run('drawer', 'status')).stdout).to.contain('moved: 1 token into');

    variables = { FOB_DRAWER: at('laptop') };
    expect(await json('drawer', 'import', file, ...given)).to.deep.equal({
      tokens: [{ serial: 'A', profile: 'e6' }],
      removed: true,
    });
    expect(fs.existsSync(file)).to.equal(false);
    expect(await json('show', 'A', '--back')).to.include({ presses: 1 });
    expect((await run('press', 'A')).exitCode).to.equal(0);
  });

  it('import --keep leaves the file, and warns of it', async () => {
    const file = at('desk.fobdrawer');
    const given = ['--passphrase-file', passphraseFile('p.txt', PASSPHRASE)];
    await json('drawer', 'export', file, ...given);
    variables = { FOB_DRAWER: at('laptop') };
    const { stdout, stderr } = await run('drawer', 'import', file, '--keep', ...given);
    expect(stdout).to.contain('1 token imported into');
    expect(stderr).to.contain('import it nowhere else');
    expect(fs.existsSync(file)).to.equal(true);
  });

  it('import refuses a wrong passphrase, and changes nothing', async () => {
    const file = at('desk.fobdrawer');
    await json('drawer', 'export', file, '--passphrase-file', passphraseFile('p.txt', PASSPHRASE));
    variables = { FOB_DRAWER: at('laptop') };
    const wrong = ['--passphrase-file', passphraseFile('wrong.txt', 'another passphrase')];
    const { exitCode, stderr } = await run('drawer', 'import', file, ...wrong);
    expect(exitCode).to.equal(1);
    expect(stderr).to.contain('does not open').and.not.contain('another');
    expect(fs.existsSync(file)).to.equal(true);
    expect(fs.existsSync(at('laptop'))).to.equal(false);
  });

  it('passphrase and key-file change what opens the drawer', async () => {
    const given = passphraseFile('p.txt', `${PASSPHRASE}\n`);
    expect(await json('drawer', 'passphrase', '--passphrase-file', given)).to.deep.equal({
      drawer: at('drawer'),
      protection: 'passphrase',
      keyFile: null,
      moved: null,
    });
    const without = await run('press', 'A');
    expect(without.exitCode).to.equal(1);
    expect(without.stderr).to.contain('under a passphrase').and.contain('FOB_PASSPHRASE_FILE');
    variables = { ...variables, FOB_PASSPHRASE_FILE: passphraseFile('wrong.txt', 'not this one') };
    expect((await run('press', 'A')).stderr)
      .to.contain('does not open')
      .and.not.contain('not this');
    variables = { ...variables, FOB_PASSPHRASE_FILE: given };
    expect((await run('press', 'A')).exitCode).to.equal(0);
    expect(await json('drawer', 'key-file')).to.include({ protection: 'keyFile' });
    variables = { FOB_DRAWER: at('drawer') };
    expect(await json('show', 'A', '--back')).to.include({ presses: 2 });
  });

  it('FOB_PASSPHRASE_FILE protects a drawer that is made', async () => {
    variables = { FOB_DRAWER: at('new'), FOB_PASSPHRASE_FILE: passphraseFile('p.txt', PASSPHRASE) };
    await json('make', 'B');
    expect(await json('drawer', 'status')).to.include({ protection: 'passphrase' });
    expect(fs.existsSync(at('new.key'))).to.equal(false);
    variables = { ...variables, FOB_PASSPHRASE_FILE: at('nowhere') };
    expect((await run('press', 'B')).stderr).to.contain('cannot be read');
    variables = { ...variables, FOB_PASSPHRASE_FILE: passphraseFile('long', 'x'.repeat(9999)) };
    expect((await run('press', 'B')).stderr).to.contain('too long');
  });

  it('FOB_KEY_FILE chooses the place of the key file', async () => {
    variables = { FOB_DRAWER: at('new'), FOB_KEY_FILE: at('stick/my.key') };
    await json('make', 'B');
    expect(fs.existsSync(at('stick/my.key'))).to.equal(true);
    variables = { FOB_DRAWER: at('new') };
    expect((await run('press', 'B')).stderr)
      .to.contain('new.key')
      .and.contain('is not there');
  });

  describe('on a terminal', () => {
    /** Runs a command line while somebody types. */
    const typed = async (argv: readonly string[], keys: string) => {
      const raw: boolean[] = [];
      const setRawMode = (on: boolean) => raw.push(on);
      const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode });
      const env = fobTestEnv({ variables, stdin });
      Object.assign(env.stderr, { isTTY: true });
      const ended = (await loadFob())(argv, env);
      stdin.write(keys);
      const exitCode = await ended;
      expect(raw.at(-1) ?? false).to.equal(false);
      return { exitCode, ...env.written() };
    };

    it('asks for a new passphrase twice, shows none, and asks for it from then on', async () => {
      const keys = `${PASSPHRASE}\r${PASSPHRASE}\r`;
      const set = await typed(['drawer', 'passphrase'], keys);
      expect(set.exitCode).to.equal(0);
      expect(set.stderr).to.match(/^New passphrase of the drawer .*: \nOnce more: \n$/);
      const pressed = await typed(['press', 'A', '--json'], `${PASSPHRASE}\n`);
      expect(pressed.exitCode).to.equal(0);
      expect(JSON.parse(pressed.stdout)).to.include({ serial: 'A', state: 'showing' });
      expect(pressed.stderr).to.match(/^Passphrase of the drawer .*: \n$/);
      const wrong = await typed(['press', 'A'], 'something else\n');
      expect(wrong.exitCode).to.equal(1);
      expect(wrong.stderr).to.contain('does not open').and.not.contain('something else');
    });

    it('changes nothing when the two differ, or when it is left', async () => {
      const differ = await typed(['drawer', 'passphrase'], 'one passphrase\rtwo passphrases\r');
      expect(differ.stderr).to.contain('differ');
      const left = await typed(['drawer', 'passphrase'], 'half a passph\u0003');
      expect(left.stderr).to.contain('Interrupted');
      expect([differ.exitCode, left.exitCode]).to.deep.equal([1, 1]);
      expect(await json('drawer', 'status')).to.include({ protection: 'keyFile' });
    });

    it('asks for nothing where a key file opens the drawer', async () => {
      expect((await typed(['press', 'A', '--json'], '')).stderr).to.equal('');
    });
  });
});
