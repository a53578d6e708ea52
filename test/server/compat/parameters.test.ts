import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { CompatError } from '../../../server/compat/errors.ts';
import { type Parameters, readParameters } from '../../../server/compat/parameters.ts';

const FORM = 'application/x-www-form-urlencoded';

describe('compat: parameters', () => {
  let server: Server;
  let origin: string;
  let read: (request: IncomingMessage) => void;
  before(async () => {
    server = createServer((request, response) => {
      read(request);
      response.end();
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after((done) => {
    server.close(done);
  });

  async function given(path: string, init: RequestInit = {}): Promise<Parameters | CompatError> {
    const parameters = new Promise<Parameters | CompatError>((resolve, reject) => {
      read = (request) => {
        readParameters(request).then(resolve, (error: unknown) => {
          if (error instanceof CompatError) resolve(error);
          else reject(error);
        });
      };
    });
    await fetch(origin + path, init).catch(() => undefined);
    return parameters;
  }
  const form = (body: string, agent = 'FreeRADIUS') =>
    given('/validate/check', {
      method: 'POST',
      headers: { 'content-type': FORM, 'user-agent': agent },
      body,
    });
  const pairs = (parameters: Parameters | CompatError): object =>
    parameters instanceof CompatError ? { code: parameters.code } : Object.fromEntries(parameters);

  it('decodes form values again, as Python does, for clients that encode twice', async () => {
    // What java.net.URLEncoder and then okhttp make of "jo", "100% p+q ä".
    const twice = 'user=jo&pass=100%2525%2Bp%252Bq%2B%25C3%25A4';
    expect(pairs(await form(twice, 'privacyIDEA-Java/1.2'))).to.deep.equal({
      user: 'jo',
      pass: '100%+p+q+ä',
    });
  });

  for (const agent of ['privacyidea-cp/3.5.0', 'privacyIDEA-LDAP-Proxy', 'simpleSAMLphp/2.0']) {
    it(`leaves the values of ${agent} alone`, async () => {
      expect(pairs(await form('pass=100%25+%2541', agent))).to.deep.equal({ pass: '100% %41' });
    });
  }

  it('leaves what is no escape, and what is no UTF-8, as Python leaves it', async () => {
    expect(pairs(await form('a=50%25&b=%2525zz&c=%25FF'))).to.deep.equal({
      a: '50%',
      b: '%zz',
      c: '\uFFFD',
    });
  });

  it('reads the query, and lets the body speak before it', async () => {
    const parameters = await given('/validate/check?user=ada&realm=r%2541', {
      method: 'POST',
      headers: { 'content-type': FORM, 'user-agent': 'x' },
      body: 'user=bob',
    });
    expect(pairs(parameters)).to.deep.equal({ user: 'bob', realm: 'rA' });
  });

  it('reads multipart form data, as curl sends a PHP array', async () => {
    const boundary = '------------------------d74496d66958873e';
    const part = (name: string, value: string) =>
      `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
    const parameters = await given('/validate/check', {
      method: 'POST',
      headers: {
        'content-type': `multipart/form-data; boundary=${boundary}`,
        'user-agent': 'simpleSAMLphp',
      },
      body: `${part('user', 'ada')}${part('pass', 'p w%41')}--${boundary}--\r\n`,
    });
    expect(pairs(parameters)).to.deep.equal({ user: 'ada', pass: 'p w%41' });
  });

  it('reads JSON and never decodes it', async () => {
    const parameters = await given('/validate/check', {
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify({ user: 'a%41', otponly: 1, nested: {}, nothing: null }),
    });
    expect(pairs(parameters)).to.deep.equal({ user: 'a%41', otponly: '1' });
  });

  const wrong: readonly (readonly [string, RequestInit])[] = [
    ['JSON that is none', { headers: { 'content-type': 'application/json' }, body: '{' }],
    ['JSON that is a list', { headers: { 'content-type': 'application/json' }, body: '[]' }],
    [
      'form data without its boundary',
      { headers: { 'content-type': 'multipart/form-data' }, body: 'x' },
    ],
    ['a body that is too large', { headers: { 'content-type': FORM }, body: 'a'.repeat(65_537) }],
    [
      'a value that is too long',
      { headers: { 'content-type': FORM }, body: `a=${'b'.repeat(4097)}` },
    ],
    [
      'too many parameters',
      {
        headers: { 'content-type': FORM },
        body: Array.from({ length: 65 }, (_, n) => `p${n}=1`).join('&'),
      },
    ],
  ];
  for (const [name, init] of wrong) {
    it(`refuses ${name} with 905`, async () => {
      const parameters = await given('/validate/check', { method: 'POST', ...init });
      expect(pairs(parameters)).to.deep.equal({ code: 905 });
    });
  }
});
