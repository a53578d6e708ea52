import { chmod, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import { checkDirectory } from '../../../server/doctor/directory.ts';
import { fobd } from '../../support/fobd-in-process.ts';
import { type People, peopleOrSkip, SERVICE, UNIX } from '../accounts/directory/people.ts';

describe('what the doctor says of a directory', () => {
  let people: People;
  let password: string;
  before(async function () {
    people = await peopleOrSkip(this);
    password = path.join(people.directory, 'service.password');
  });
  beforeEach(() => chmod(password, 0o600));
  after(() => people?.remove());

  const now = () => Date.now();

  it('is nothing where there is none', async () => {
    expect(await checkDirectory(undefined, now)).to.deep.equal([]);
  });

  it('is how each server answers', async () => {
    const { ldapPort, ldapsPort } = people.slapd;
    const urls = [`ldaps://localhost:${ldapsPort}`, `ldap://127.0.0.1:${ldapPort}`];
    const caFile = people.tls.certificateFile;
    const findings = await checkDirectory(people.unix({ urls, caFile }), now);
    expect(findings).to.deep.equal([
      { check: 'directory', level: 'ok', what: `${urls[0]} answers over TLS (ldaps)` },
      { check: 'directory', level: 'ok', what: `${urls[1]} answers, on this machine` },
    ]);
  });

  it('is a warning where passwords could be read on the way', async () => {
    const options = people.unix();
    // As another machine would be: it is this one all the same, by a name that does not say so.
    const servers = options.servers.map((server) => ({ ...server, host: '::ffff:127.0.0.1' }));
    const [finding] = await checkDirectory({ ...options, servers }, now);
    expect(finding).to.deep.include({ check: 'directory', level: 'ok' });
    const elsewhere = servers.map((server) => ({ ...server, host: '127.1' }));
    const [warned] = await checkDirectory({ ...options, servers: elsewhere }, now);
    expect(warned).to.deep.include({ check: 'directory', level: 'warn' });
    expect(warned?.what).to.include('without TLS');
  });

  it('is a failure where one cannot be asked, and why', async () => {
    const wrong = { urls: [`ldaps://localhost:${people.slapd.ldapsPort}`] };
    const [untrusted] = await checkDirectory(people.unix(wrong), now);
    expect(untrusted).to.deep.include({ check: 'directory', level: 'fail' });
    expect(untrusted?.what).to.match(/self-signed/);
    const [nowhere] = await checkDirectory(people.unix({ baseDn: 'ou=none,dc=example' }), now);
    expect(nowhere).to.deep.include({ check: 'directory', level: 'fail' });
  });

  it('is a warning where others can read the service’s password', async () => {
    await chmod(password, 0o644);
    const findings = await checkDirectory(people.unix(), now);
    expect(findings.map(({ level }) => level)).to.deep.equal(['ok', 'warn']);
    expect(findings[1]?.next).to.equal(`Run chmod 600 ${password}.`);
  });

  it('is asked for by the setting that fobd serves with', async () => {
    const file = path.join(people.directory, 'directory.json');
    const form = {
      kind: 'ldap',
      urls: [`ldap://127.0.0.1:${people.slapd.ldapPort}`],
      bindDn: SERVICE.dn,
      bindPasswordFile: 'service.password',
      baseDn: UNIX,
    };
    await writeFile(file, JSON.stringify(form));
    const data = path.join(people.directory, 'data');
    await fobd(['init', '--data', data]);
    const { stdout } = await fobd(['doctor', '--data', data, '--directory', file]);
    expect(stdout).to.match(/^ok +directory +ldap:\/\/127\.0\.0\.1:\d+ answers/m);
    await writeFile(file, JSON.stringify({ ...form, urls: ['ldap://ldap.example.com'] }));
    const refused = await fobd(['doctor', '--data', data, '--directory', file]);
    expect(refused.code).to.equal(2);
    expect(refused.stderr).to.include('--directory').and.to.include('passwords in the clear');
  });
});
