import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import {
  createDirectoryOptions,
  DIRECTORY_FORM,
  type DirectoryOptions,
} from '../../../../server/accounts/directory/options.ts';
import { createEdgeOptions, type EdgeSettings } from '../../../../server/edge-settings.ts';
import { FobtwinError } from '../../../../shared/errors.ts';

const ROOM = fileURLToPath(new URL('../../../../server/accounts/directory', import.meta.url));
const NONE: EdgeSettings = {
  publicUrl: undefined,
  directory: undefined,
  radius: undefined,
  compat: undefined,
  forwardAuth: undefined,
};
const LEAST = { kind: 'ldap', urls: ['ldaps://ldap.example.com'], baseDn: 'dc=example,dc=com' };

describe('options of a directory', () => {
  let place: string;
  before(async () => {
    place = await mkdtemp(path.join(tmpdir(), 'fobtwin-directory-options-'));
  });
  after(() => rm(place, { recursive: true, force: true }));

  const parse = (form: unknown): DirectoryOptions =>
    createDirectoryOptions(DIRECTORY_FORM.schema.parse(form), '/etc/fobd');

  async function refusal(form: unknown): Promise<string> {
    await writeFile(path.join(place, 'directory.json'), JSON.stringify(form));
    try {
      createEdgeOptions({ ...NONE, directory: 'directory.json' }, place);
    } catch (error) {
      if (!(error instanceof FobtwinError)) throw error;
      expect(error.code).to.equal('usage');
      expect(error.message).to.include(`--directory ${path.join(place, 'directory.json')}`);
      return error.message;
    }
    throw new Error('was not refused');
  }

  it('are none without a file', () => {
    expect(createEdgeOptions(NONE, place).directory).to.equal(undefined);
  });

  it('are read from the examples', () => {
    const file = (name: string) =>
      createEdgeOptions({ ...NONE, directory: path.join(ROOM, name) }, place).directory;
    const windows = file('active-directory.example.json');
    expect(windows?.servers).to.deep.equal(
      ['dc1', 'dc2'].map((name) => ({
        url: `ldaps://${name}.corp.example`,
        host: `${name}.corp.example`,
        port: 636,
        security: 'ldaps',
      })),
    );
    expect(windows).to.deep.include({
      kind: 'activeDirectory',
      caFile: path.join(ROOM, 'corp-ca.pem'),
      userFilter: '(sAMAccountName={user})',
      principalFilter: '(userPrincipalName={user})',
      domain: 'CORP',
      patience: { failuresBeforeWait: 3, waitSeconds: 1800 },
    });
    const unix = file('openldap.example.json');
    expect(unix?.servers.map(({ port, security }) => ({ port, security }))).to.deep.equal([
      { port: 389, security: 'startTls' },
    ]);
    expect(unix).to.deep.include({ userFilter: '(uid={user})', timeoutMillis: 5000 });
    expect(unix?.service?.passwordFile).to.equal(path.join(ROOM, 'fobd.password'));
  });

  it('each stand in the README', () => {
    const readme = readFileSync(path.join(ROOM, 'README.md'), 'utf8');
    const fields = Object.keys(DIRECTORY_FORM.schema.shape);
    expect(fields.filter((field) => !readme.includes(`\`${field}\``))).to.deep.equal([]);
    const { attributes, timeoutMillis, connectionsMax } = parse(LEAST);
    expect(Object.keys(attributes).filter((name) => !readme.includes(`\`${name}\``))).to.be.empty;
    expect(readme).to.include(`| ${timeoutMillis}, ${connectionsMax} |`);
  });

  it('let passwords go in the clear to this machine alone, unless that is wanted', async () => {
    const ldap = (url: string) => ({ ...LEAST, urls: [url] });
    for (const url of [
      'ldap://127.0.0.1',
      'ldap://[::1]:3389',
      'ldap://localhost',
      'ldap://127.9.9.9',
    ]) {
      expect(parse(ldap(url)).servers[0]?.security, url).to.equal('plain');
    }
    for (const url of [
      'ldap://10.0.0.1',
      'ldap://localhost.example.com',
      'ldap://127.0.0.1.example',
    ]) {
      expect(await refusal(ldap(url)), url).to.include('in the clear');
      expect(parse({ ...ldap(url), startTls: true }).servers[0]?.security).to.equal('startTls');
      expect(parse({ ...ldap(url), allowPlain: true }).servers[0]?.security).to.equal('plain');
    }
    const mixed = { ...LEAST, urls: ['ldaps://a.example', 'ldap://b.example'] };
    expect(await refusal(mixed)).to.include('ldap://b.example');
  });

  it('are refused where they cannot be meant, with the field', async () => {
    const cases: readonly (readonly [object, string])[] = [
      [{ urls: ['https://ldap.example.com'] }, 'urls'],
      [{ urls: ['ldaps://ldap.example.com/dc=example'] }, 'urls'],
      [{ urls: ['ldaps://user:word@ldap.example.com'] }, 'urls'],
      [{ urls: ['ldaps://ldap.example.com:0'] }, 'urls'],
      [{ urls: ['ldaps://ldap.example.com:70000'] }, 'urls'],
      [{ urls: [] }, 'urls'],
      [{ urls: Array(9).fill('ldaps://ldap.example.com') }, 'urls'],
      [{ startTls: true }, 'startTls'],
      [{ bindDn: 'cn=fobd' }, 'bindPasswordFile'],
      [{ bindPasswordFile: 'file' }, 'bindDn'],
      [{ userFilter: '(uid=*)' }, 'userFilter'],
      [{ principalFilter: 'mail={user}' }, 'principalFilter'],
      [{ groupFilter: '(memberOf={user})' }, 'groupFilter'],
      [{ domain: 'A\\B' }, 'domain'],
      [{ principalSuffixes: ['@example.com'] }, 'principalSuffixes'],
      [{ attributes: { id: 'a b' } }, 'attributes'],
      [{ attributes: { password: 'userPassword' } }, 'password'],
      [{ timeoutMillis: 1 }, 'timeoutMillis'],
      [{ connectionsMax: 0 }, 'connectionsMax'],
      [{ failuresBeforeWait: 0 }, 'failuresBeforeWait'],
      [{ waitSeconds: 0 }, 'waitSeconds'],
      [{ bindPassword: 'x' }, 'bindPassword'],
      [{ kind: 'novell' }, 'kind'],
      [{ baseDn: '' }, 'baseDn'],
    ];
    for (const [change, field] of cases) {
      expect(await refusal({ ...LEAST, ...change }), JSON.stringify(change)).to.include(field);
    }
  });
});
