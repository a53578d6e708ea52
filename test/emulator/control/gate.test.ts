import { expect } from 'chai';
import { ACCESS_TOKEN, createGate } from '../../../emulator/control/gate.ts';

const ACCESS = 'abcdefghijklmnopqrstuvwxyz';
const PORT = 4711;

describe('the gate of the control interface', () => {
  const loopback = createGate({ accessToken: ACCESS, host: '127.0.0.1', port: PORT });
  const wide = createGate({ accessToken: ACCESS, host: '0.0.0.0', port: 8080 });

  const OURS: readonly (readonly [string, Record<string, string>, boolean])[] = [
    ['the address itself', { host: '127.0.0.1:4711' }, true],
    ['localhost', { host: 'localhost:4711' }, true],
    ['capitals', { host: 'LOCALHOST:4711' }, true],
    ['IPv6', { host: '[::1]:4711' }, true],
    ['no Host at all', {}, false],
    ['another port', { host: '127.0.0.1:4712' }, false],
    ['no port, which is 80', { host: '127.0.0.1' }, false],
    ['a name pointed here (DNS rebinding)', { host: 'evil.example:4711' }, false],
    ['a name that begins like ours', { host: 'localhost.evil.example:4711' }, false],
    ['what is no host', { host: '127.0.0.1:4711:1' }, false],
    ['its own page', { host: '127.0.0.1:4711', origin: 'http://127.0.0.1:4711' }, true],
    ['another origin', { host: '127.0.0.1:4711', origin: 'http://evil.example' }, false],
    [
      'another port of this computer',
      { host: '127.0.0.1:4711', origin: 'http://127.0.0.1:8' },
      false,
    ],
    ['a page without origin', { host: '127.0.0.1:4711', origin: 'null' }, false],
    ['https of the same name', { host: 'localhost:4711', origin: 'https://localhost:4711' }, false],
    ['an image on another site', { host: 'localhost:4711', 'sec-fetch-site': 'cross-site' }, false],
    ['a typed address', { host: 'localhost:4711', 'sec-fetch-site': 'none' }, true],
    [
      'a link followed from elsewhere',
      {
        host: 'localhost:4711',
        'sec-fetch-site': 'cross-site',
        'sec-fetch-mode': 'navigate',
        'sec-fetch-dest': 'document',
      },
      true,
    ],
    [
      'a frame on another site',
      {
        host: 'localhost:4711',
        'sec-fetch-site': 'cross-site',
        'sec-fetch-mode': 'navigate',
        'sec-fetch-dest': 'iframe',
      },
      false,
    ],
  ];
  for (const [what, headers, expected] of OURS) {
    it(`${expected ? 'lets pass' : 'refuses'} ${what}`, () => {
      expect(loopback.isOurs({ method: 'GET', headers })).to.equal(expected);
    });
  }

  it('is called by addresses and undotted names beyond loopback', () => {
    const pass = (host: string) => wide.isOurs({ method: 'GET', headers: { host } });
    expect(['fob:8080', 'localhost:32768', '172.17.0.2:8080', '[fd00::2]:8080'].map(pass))
      .to.deep //
      .equal([true, true, true, true]);
    expect(['evil.example:8080', 'fob.evil.example'].map(pass)).to.deep.equal([false, false]);
  });

  it('opens with the access token in the path or as Bearer, and with nothing else', () => {
    const opened = (url: string, authorization?: string) =>
      loopback.opened({ url, headers: authorization === undefined ? {} : { authorization } });
    expect(opened(`/${ACCESS}/v1/tokens?x=1`)).to.equal('/v1/tokens?x=1');
    expect(opened(`/${ACCESS}/`)).to.equal('/');
    expect(opened('/v1/tokens', `Bearer ${ACCESS}`)).to.equal('/v1/tokens');
    for (const url of [`/${ACCESS}`, `/${ACCESS}x/`, `/x/${ACCESS}/`, '/', `/?t=${ACCESS}`, '//']) {
      expect(opened(url), url).to.equal(undefined);
    }
    expect(opened('/v1/tokens', `Basic ${ACCESS}`)).to.equal(undefined);
    expect(opened('/v1/tokens', `Bearer ${ACCESS}y`)).to.equal(undefined);
  });

  it('takes only access tokens that nobody guesses and that a path can hold', () => {
    expect(ACCESS_TOKEN.test(ACCESS)).to.equal(true);
    for (const bad of ['short', `${ACCESS}/`, `${ACCESS} `, 'x'.repeat(129), '']) {
      expect(ACCESS_TOKEN.test(bad), bad).to.equal(false);
    }
  });
});
