import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { expect } from 'chai';
import { faceAccessPlace } from '../../../emulator/cli/face-access.ts';
import { loginEntry } from '../../../emulator/cli/face-login.ts';
import { ask } from '../../support/control-server.ts';
import {
  type FobTestEnv,
  fob,
  fobJson,
  fobTestEnv,
  loadFob,
  temporaryDirectory,
} from '../../support/fob-env.ts';
import { fobProgram } from '../../support/fob-program.ts';

const SERIAL = 'E6-00000001';

describe('fob face', () => {
  let home: ReturnType<typeof temporaryDirectory>;
  let variables: Record<string, string>;

  beforeEach(async () => {
    home = temporaryDirectory();
    variables = { FOB_DRAWER: path.join(home.path, 'drawer') };
    await fobJson(['make', SERIAL, '--profile', 'e6'], { variables });
  });
  afterEach(() => home.remove());

  interface Running {
    readonly env: FobTestEnv;
    readonly address: string;
    stop(): Promise<number>;
  }

  /** With the page that `npm run build` made, as `npm test` does first. */
  const start = async (
    argv: readonly string[] = [],
    changes: Partial<FobTestEnv> = {},
  ): Promise<Running> => {
    const env = fobTestEnv({ variables, ...changes });
    const ended = (await loadFob())(['face', '--json', ...argv], env);
    const address = await new Promise<string>((resolve, reject) => {
      const look = () => {
        const [line, rest] = env.written().stdout.split('\n', 2);
        if (rest !== undefined && line !== undefined) resolve(JSON.parse(line).address);
      };
      env.stdout.on('data', look);
      ended.then((code) => reject(new Error(`exit ${code}: ${env.written().stderr}`)), reject);
    });
    return {
      env,
      address,
      stop: () => {
        env.interrupt();
        return ended;
      },
    };
  };

  it('says its address first, presses, and ends with 0 when it is interrupted', async () => {
    const { address, stop } = await start();
    expect(address).to.match(/^http:\/\/127\.0\.0\.1:\d+\/[A-Za-z0-9_-]{32}\/$/);
    const { status } = await ask({ address }, 'POST', `v1/tokens/${SERIAL}/press`);
    expect(status).to.equal(200);
    expect(await stop()).to.equal(0);
    const { presses } = (await fobJson(['show', SERIAL, '--back'], { variables })) as {
      presses: number;
    };
    expect(presses).to.equal(1);
  });

  it('keeps port and access from start to start, for its owner alone', async () => {
    const first = await start();
    await first.stop();
    const file = `${variables['FOB_DRAWER']}.face.json`;
    expect(statSync(file).mode & 0o777).to.equal(0o600);
    const second = await start();
    await second.stop();
    expect(second.address).to.equal(first.address);
    const renewed = await start(['--renew']);
    await renewed.stop();
    expect(new URL(renewed.address).pathname).not.to.equal(new URL(first.address).pathname);
    const again = await start();
    await again.stop();
    expect(again.address).to.equal(renewed.address);
  });

  it('says so when its port is taken', async () => {
    const first = await start();
    const { port } = new URL(first.address);
    const { exitCode, stderr } = await fob(['face', '--port', port], { variables });
    await first.stop();
    expect(exitCode).to.equal(1);
    expect(stderr).to.contain('EADDRINUSE').and.to.contain('--port');
    expect(stderr).not.to.contain(new URL(first.address).pathname.slice(1, -1));
  });

  it('tells where its address is kept when it runs already', async () => {
    const { address, stop } = await start();
    const { exitCode, stderr } = await fob(['face'], { variables });
    await stop();
    expect([exitCode, stderr.includes(`${variables['FOB_DRAWER']}.face.json`)]).to.deep.equal([
      1,
      true,
    ]);
    expect(stderr).not.to.contain(new URL(address).pathname.slice(1, -1));
  });

  it('serves only the tokens that were named', async () => {
    await fobJson(['make', 'E6-00000002', '--profile', 'e6'], { variables });
    const { address, stop } = await start([SERIAL]);
    const { body } = await ask({ address }, 'GET', 'v1/tokens');
    expect(body.items.map(({ serial }: { serial: string }) => serial)).to.deep.equal([SERIAL]);
    expect((await ask({ address }, 'GET', 'v1/tokens/E6-00000002')).status).to.equal(404);
    await stop();
    const { exitCode, stderr } = await fob(['face', 'E6-99999999'], { variables });
    expect([exitCode, stderr.includes('E6-99999999')]).to.deep.equal([1, true]);
  });

  it('tampers in QA mode only', async () => {
    const plain = await start();
    const fault = `v1/tokens/${SERIAL}/faults/err`;
    expect((await ask(plain, 'PUT', fault)).status).to.equal(403);
    await plain.stop();
    const qa = await start(['--qa']);
    expect((await ask(qa, 'PUT', fault)).status).to.equal(200);
    await qa.stop();
  });

  it('goes beyond this computer only with an access token of its own', async () => {
    const refused = await fob(['face', '--host', '0.0.0.0'], { variables });
    expect([refused.exitCode, refused.stderr.includes('FOB_FACE_TOKEN')]).to.deep.equal([2, true]);
    const short = await fob(['face'], { variables: { ...variables, FOB_FACE_TOKEN: 'short' } });
    expect(short.exitCode).to.equal(2);
    expect(short.stderr).not.to.contain('short');
    const token = 'a-token-from-the-environment';
    const { address, stop } = await start(['--host', '0.0.0.0'], {
      variables: { ...variables, FOB_FACE_TOKEN: token },
    });
    const { port, pathname } = new URL(address);
    expect(pathname).to.equal(`/${token}/`);
    const mapped = { address: `http://127.0.0.1:${port}/${token}/` };
    expect((await ask(mapped, 'GET', 'v1/tokens')).status).to.equal(200);
    await stop();
    expect(existsSync(`${variables['FOB_DRAWER']}.face.json`)).to.equal(false);
  });

  it('refuses a damaged state without quoting it', async () => {
    writeFileSync(`${variables['FOB_DRAWER']}.face.json`, '{"accessToken":"do-not-show-this"}');
    const { exitCode, stderr } = await fob(['face'], { variables });
    expect([exitCode, stderr.includes('--renew')]).to.deep.equal([1, true]);
    expect(stderr).not.to.contain('do-not-show-this');
    const { stop } = await start(['--renew']);
    await stop();
  });

  it('opens the browser', async () => {
    const opened: string[][] = [];
    const { address, stop } = await start(['--open'], {
      runProgram: (program, args) => void opened.push([program, ...args]),
    });
    await stop();
    expect(opened).to.deep.equal([['xdg-open', address]]);
  });

  it('refuses words that are no serials and ports that are none', async () => {
    expect((await fob(['face', '§'], { variables })).exitCode).to.equal(2);
    expect((await fob(['face', '--port', '70000'], { variables })).exitCode).to.equal(2);
    expect((await fob(['face', '--install', '--uninstall'], { variables })).exitCode).to.equal(2);
  });

  it('says where it would not start at login: nobody is asked for a passphrase', async () => {
    const file = path.join(home.path, 'passphrase');
    writeFileSync(file, 'correct horse battery staple');
    const config = { ...variables, XDG_CONFIG_HOME: path.join(home.path, 'config') };
    const plain = await fob(['face', '--install'], { variables: config });
    expect([plain.exitCode, plain.stderr]).to.deep.equal([0, '']);
    const set = await fob(['drawer', 'passphrase', '--passphrase-file', file], { variables });
    expect(set.exitCode, set.stderr).to.equal(0);
    const opened = { ...config, FOB_PASSPHRASE_FILE: file };
    const { exitCode, stderr } = await fob(['face', '--install'], { variables: opened });
    expect(exitCode).to.equal(0);
    expect(stderr).to.contain('passphrase').and.to.contain('fob drawer key-file');
    const access = { ...config, FOB_PASSPHRASE_FILE: file, FOB_FACE_TOKEN: 'x'.repeat(22) };
    const kept = await fob(['face', '--install'], { variables: access });
    expect(kept.stderr).to.contain('FOB_FACE_TOKEN').and.not.to.contain('x'.repeat(22));
  });

  it('starts at login, and no more', async () => {
    const config = { ...variables, XDG_CONFIG_HOME: path.join(home.path, 'config') };
    const { installed } = await fobJson<{ installed: string }>(
      ['face', SERIAL, '--install', '--qa'],
      { variables: config },
    );
    expect(installed).to.equal(path.join(home.path, 'config/autostart/fobtwin-face.desktop'));
    const text = readFileSync(installed, 'utf8');
    expect(text).to.match(/^\[Desktop Entry\]\n/);
    expect(text).to.contain(`"face" "${SERIAL}" "--drawer" "${variables['FOB_DRAWER']}" "--qa"`);
    const gone = await fobJson(['face', '--uninstall'], { variables: config });
    expect(gone).to.deep.equal({ uninstalled: installed });
    expect(await fobJson(['face', '--uninstall'], { variables: config })).to.deep.equal({
      uninstalled: null,
    });
  });
});

describe('what is started at login', () => {
  const words = ['/opt/no de/bin/node', 'C:\\fob.js', 'face', '--drawer', '/a$b`c"d%e&<f>'];
  const place = { variables: {}, homeDirectory: '/home/anna' };

  it('Linux: an autostart entry, quoted as desktop entries are', () => {
    const { file, text } = loginEntry(words, { ...place, platform: 'linux' });
    expect(file).to.equal('/home/anna/.config/autostart/fobtwin-face.desktop');
    expect(text).to.contain(
      'Exec="/bin/sh" "-c" "exec \\\\"\\\\$0\\\\" \\\\"\\\\$@\\\\" >/dev/null" ' +
        '"/opt/no de/bin/node" "C:\\\\\\\\fob.js" "face" "--drawer" ' +
        '"/a\\\\$b\\\\`c\\\\"d%%e&<f>"\n',
    );
  });

  it('macOS: a LaunchAgent, escaped as XML is', () => {
    const { file, text } = loginEntry(words, { ...place, platform: 'darwin' });
    expect(file).to.equal('/home/anna/Library/LaunchAgents/invalid.fobtwin.face.plist');
    expect(text).to.contain('<string>/a$b`c"d%e&amp;&lt;f&gt;</string>');
    expect(text.match(/<string>/g)).to.have.length(words.length + 2);
  });

  it('Windows: a command in the Startup folder', () => {
    const variables = { APPDATA: 'C:\\Users\\anna\\AppData\\Roaming' };
    const { file, text } = loginEntry(['C:\\Program Files\\node.exe', '100%', 'face'], {
      ...place,
      variables,
      platform: 'win32',
    });
    expect(file).to.equal(
      'C:\\Users\\anna\\AppData\\Roaming\\Microsoft\\Windows\\Start Menu\\Programs\\Startup\\' +
        'fobtwin-face.cmd',
    );
    expect(text).to.contain('"C:\\Program Files\\node.exe" "100%%" "face"\r\n');
    expect(() => loginEntry(words, { ...place, platform: 'win32' })).to.throw('double quotes');
  });

  it('no line of its own can be smuggled in', () => {
    for (const platform of ['linux', 'darwin', 'win32'] as const) {
      expect(() => loginEntry(['a\nExec=b'], { ...place, platform })).to.throw('control');
    }
  });

  it('the state of the usual drawer lies where each system keeps such', () => {
    const usual = (platform: NodeJS.Platform, drawer: string) =>
      faceAccessPlace(drawer, { ...place, platform });
    expect(usual('linux', '/home/anna/.local/share/fob/drawer')).to.equal(
      '/home/anna/.local/state/fob/face.json',
    );
    expect(usual('linux', '/x/y')).to.equal('/x/y.face.json');
  });
});

describe('fob face as a program', () => {
  it('serves the built page, and ends on a signal', async function () {
    this.timeout(60_000);
    const program = await fobProgram();
    const home = temporaryDirectory();
    try {
      const drawer = path.join(home.path, 'drawer');
      await program.run(['make', SERIAL, '--profile', 'e6', '--drawer', drawer]);
      const child = spawn(process.execPath, [program.file, 'face', '--json', '--drawer', drawer], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const ended = once(child, 'exit');
      const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
      const { address } = JSON.parse(line) as { address: string };
      expect(await (await fetch(address)).text()).to.contain('<title>Token</title>');
      const pressed = await ask({ address }, 'POST', `v1/tokens/${SERIAL}/press`);
      expect(pressed.body.display).to.match(/^\d{6}$/);
      child.kill('SIGTERM');
      expect(await ended).to.deep.equal([0, null]);
    } finally {
      home.remove();
    }
  });
});
