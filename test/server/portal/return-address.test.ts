import { expect } from 'chai';
import fc from 'fast-check';
import { checkReturn, withParameter } from '../../../server/portal/return-address.ts';

const publicUrl = new URL('https://login.example.com');
const origins = new Set(['https://wiki.example.com']);
const check = (text: string) => checkReturn(text, { publicUrl, origins });

describe('where a browser may be sent after a sign-in', () => {
  for (const [given, expected] of [
    ['/account', '/account'],
    ['/oidc/interaction/abc?x=1#y', '/oidc/interaction/abc?x=1#y'],
    ['/a/../b', '/b'],
    ['https://wiki.example.com/page?x=1', 'https://wiki.example.com/page?x=1'],
    ['https://WIKI.example.com', 'https://wiki.example.com/'],
    ['https://wiki.example.com:443/', 'https://wiki.example.com/'],
  ] as const) {
    it(`to ${given}`, () => {
      expect(check(given)).to.equal(expected);
    });
  }

  for (const given of [
    '',
    'account',
    '//evil.example',
    '///evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/\t/evil.example',
    '\t//evil.example',
    ' //evil.example',
    '/\n/evil.example',
    '/.//evil.example',
    '/x/..//evil.example',
    '/%2e//evil.example',
    'https:evil.example',
    'https:/evil.example',
    'https:///evil.example',
    'https://evil.example',
    'https://wiki.example.com.evil.example/',
    'https://wiki.example.com@evil.example/',
    'https://evil.example#@wiki.example.com',
    'https://user@wiki.example.com/',
    'https://user:password@wiki.example.com/',
    'http://wiki.example.com/',
    'https://wiki.example.com:8443/',
    'https://login.example.com.evil.example/',
    'javascript:alert(1)',
    'data:text/html,x',
    '/page\r\nSet-Cookie: x=1',
    `/${'a'.repeat(2048)}`,
  ]) {
    it(`not to ${JSON.stringify(given).slice(0, 60)}`, () => {
      expect(check(given)).to.equal(undefined);
    });
  }

  it('never leads a browser anywhere else, whatever is asked', () => {
    const piece = fc.constantFrom(
      ...['/', '\\', '//', '.', '..', '@', ':', '?', '#', '%2f', '%5c', '\t', 'https:', 'http:'],
      ...['evil.example', 'wiki.example.com', 'login.example.com', 'javascript:', ';', '[', ']'],
    );
    const address = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(fc.oneof(address, fc.string(), fc.webUrl()), (text) => {
        const allowed = check(text);
        if (allowed === undefined) return;
        const { origin } = new URL(allowed, publicUrl);
        expect([publicUrl.origin, ...origins]).to.include(origin);
        // Nor does what a browser makes of it a second time.
        expect(allowed).to.match(/^(\/(?!\/)|https:\/\/wiki\.example\.com\/)/);
      }),
      { numRuns: 3000 },
    );
  });

  it('gets a parameter more, and stays what it was', () => {
    expect(withParameter('/a?b=1#c', 'signIn', 'skipped')).to.equal('/a?b=1&signIn=skipped#c');
    expect(withParameter('https://wiki.example.com/?signIn=x', 'signIn', 'skipped')).to.equal(
      'https://wiki.example.com/?signIn=skipped',
    );
  });
});
