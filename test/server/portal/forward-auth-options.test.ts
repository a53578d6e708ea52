import { writeFile } from 'node:fs/promises';
import { expect } from 'chai';
import { createEdgeOptions } from '../../../server/edge-settings.ts';
import { temporaryDirectory } from '../../support/fob-env.ts';

const PUBLIC = 'https://login.example.com';
const WIKI = 'https://wiki.example.com';

describe('the file of --forward-auth', () => {
  const good = {
    cookieDomain: 'example.com',
    proxies: [{ address: '10.0.0.0/8', kind: 'traefik' }],
    hosts: [{ origin: WIKI, requiredStrength: 'hardwareToken', maxAgeSeconds: 600 }],
  };
  const settings = { directory: undefined, radius: undefined, compat: undefined };

  const read = async (file: object, publicUrl: string | undefined) => {
    const directory = temporaryDirectory();
    try {
      await writeFile(`${directory.path}/forward.json`, JSON.stringify(file));
      const given = { ...settings, publicUrl, forwardAuth: 'forward.json' };
      return createEdgeOptions(given, directory.path).forwardAuth;
    } finally {
      directory.remove();
    }
  };

  it('is read', async () => {
    const options = await read(good, PUBLIC);
    expect(options?.hosts.get(WIKI)).to.deep.equal({
      requiredStrength: 'hardwareToken',
      requiresProofing: false,
      maxAgeSeconds: 600,
    });
    expect(options?.proxies[0]?.address.text).to.equal('10.0.0.0/8');
  });

  it('has whoever needs a proofed credential give a code', async () => {
    const hosts = [{ origin: WIKI, requiresProofing: true }];
    expect((await read({ ...good, hosts }, PUBLIC))?.hosts.get(WIKI)).to.deep.include({
      requiredStrength: 'phoneOtp',
      requiresProofing: true,
    });
  });

  for (const [why, change, publicUrl] of [
    ['no place to sign in', {}, undefined],
    ['an unknown key', { x: 1 }, PUBLIC],
    ['a sign-in elsewhere', {}, 'https://login.example.org'],
    ['a domain of one label', { cookieDomain: 'com' }, PUBLIC],
    ['a host elsewhere', { hosts: [{ origin: 'https://wiki.example.org' }] }, PUBLIC],
    ['a host whose name only ends so', { hosts: [{ origin: 'https://notexample.com' }] }, PUBLIC],
    ['a path', { hosts: [{ origin: `${WIKI}/x` }] }, PUBLIC],
    ['plain HTTP', { hosts: [{ origin: 'http://wiki.example.com' }] }, PUBLIC],
    ['a host twice', { hosts: [{ origin: WIKI }, { origin: WIKI }] }, PUBLIC],
    ['the place to sign in', { hosts: [{ origin: PUBLIC }] }, PUBLIC],
    ['no proxy', { proxies: [] }, PUBLIC],
    ['no address', { proxies: [{ address: 'x', kind: 'nginx' }] }, PUBLIC],
    ['an unknown proxy', { proxies: [{ address: '::1', kind: 'squid' }] }, PUBLIC],
    ['an age of nothing', { hosts: [{ origin: WIKI, maxAgeSeconds: 0 }] }, PUBLIC],
  ] as const) {
    it(`is refused with ${why}`, async () => {
      const error = await read({ ...good, ...change }, publicUrl).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(error).to.have.property('code', 'usage');
      expect(String(error)).to.contain('--forward-auth');
    });
  }
});
