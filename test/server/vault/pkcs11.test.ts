import { execFile } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { libraryOrSkip } from '../../support/debian.ts';
import { runFobdProcess, temporaryDirectory } from '../../support/fobd-process.ts';

/** The example beside the vault, with SoftHSM as the HSM. */

const EXAMPLE = fileURLToPath(new URL('../../../server/vault/examples/pkcs11/', import.meta.url));
const execute = promisify(execFile);

async function libraryDirectories(root: string): Promise<string[]> {
  const lib = path.join(root, 'usr/lib');
  const names = await readdir(lib, { withFileTypes: true });
  return names.filter((entry) => entry.isDirectory()).map(({ name }) => path.join(lib, name));
}

describe('a master key that an HSM keeps', function () {
  this.timeout(60_000);
  let place: string;
  let remove: () => Promise<void>;
  let env: Record<string, string>;

  before(async function () {
    const softhsm = await libraryOrSkip(this, 'softhsm2');
    const opensc = await libraryOrSkip(this, 'opensc');
    ({ place, remove } = await temporaryDirectory());
    const directories = await Promise.all([softhsm, opensc].map(libraryDirectories));
    const configuration = path.join(place, 'softhsm2.conf');
    await writeFile(configuration, `directories.tokendir = ${place}\nlog.level = ERROR\n`);
    await writeFile(path.join(place, 'pin'), '4711\n');
    env = {
      PATH: `${softhsm}/usr/bin:${opensc}/usr/bin:${process.env['PATH'] ?? ''}`,
      LD_LIBRARY_PATH: directories.flat().join(':'),
      SOFTHSM2_CONF: configuration,
      FOBD_HSM_MODULE: path.join(softhsm, 'usr/lib/softhsm/libsofthsm2.so'),
      FOBD_HSM_PIN_FILE: path.join(place, 'pin'),
    };
    const token = [
      '--init-token',
      '--free',
      '--label',
      'fobd',
      '--pin',
      '4711',
      '--so-pin',
      '0815',
    ];
    await execute('softhsm2-util', ['--module', env['FOBD_HSM_MODULE'] ?? '', ...token], { env });
  });
  after(() => remove?.());

  it('opens a data directory by the command hook, and lies in no file', async () => {
    const wrapped = path.join(place, 'it is wrapped');
    const data = path.join(place, 'data');
    await execute(path.join(EXAMPLE, 'make-master-key.sh'), [wrapped], { env });
    const command = [path.join(EXAMPLE, 'master-key.sh'), `'${wrapped}'`].join(' ');
    const args = ['--data', data, '--master-key-command', command];

    const made = await runFobdProcess(['init', '--json', ...args], { env });
    expect(made.code, made.stderr).to.equal(0);
    expect(await readdir(data))
      .to.include('format.json')
      .and.not.include('master.key');
    const listed = await runFobdProcess(['key', 'list', '--json', ...args], { env });
    expect(listed.code, listed.stderr).to.equal(0);

    const { stdout: key } = await execute(path.join(EXAMPLE, 'master-key.sh'), [wrapped], { env });
    expect(key).to.match(/^[0-9a-f]{64}\n$/);
    const files = await readdir(place, { recursive: true, withFileTypes: true });
    for (const file of files.filter((entry) => entry.isFile())) {
      const text = await readFile(path.join(file.parentPath, file.name));
      for (const form of [key.trim(), Buffer.from(key, 'hex')]) {
        expect(text.includes(form), file.name).to.equal(false);
      }
    }
  });

  it('says what the HSM says when it refuses', async () => {
    const wrapped = path.join(place, 'wrapped');
    await execute(path.join(EXAMPLE, 'make-master-key.sh'), [wrapped], { env });
    const command = `'${path.join(EXAMPLE, 'master-key.sh')}' '${wrapped}'`;
    const data = path.join(place, 'other');
    const pin = path.join(place, 'wrong pin');
    await writeFile(pin, '0000');
    const args = ['init', '--data', data, '--master-key-command', command];
    const ran = await runFobdProcess(args, { env: { ...env, FOBD_HSM_PIN_FILE: pin } });
    expect(ran.code).to.equal(1);
    expect(ran.stderr).to.contain('[masterKeyUnavailable]').and.to.contain('master-key.sh');
    expect(ran.stderr).to.match(/failed with exit code 1.*PIN/);
    expect(await readdir(place)).not.to.include('other');
  });
});
