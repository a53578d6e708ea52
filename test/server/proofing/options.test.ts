import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import type { BusinessSettings } from '../../../server/business-settings.ts';
import { createBusinessOptions } from '../../../server/business-settings.ts';
import { temporaryDirectory } from '../../support/fobd-process.ts';

const KEY = 'ab'.repeat(32);

describe('the file of --proofing', () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;

  before(async () => {
    directory = await temporaryDirectory();
    await writeFile(
      path.join(directory.place, 'good.key'),
      `${KEY.slice(0, 32)}\n${KEY.slice(32)}`,
    );
    await writeFile(path.join(directory.place, 'short.key'), 'ab'.repeat(31));
    await writeFile(path.join(directory.place, 'text.key'), 'a password of some length, not hex');
  });
  after(() => directory.remove());

  async function read(file: object | string) {
    const place = path.join(directory.place, 'proofing.json');
    await writeFile(place, typeof file === 'string' ? file : JSON.stringify(file));
    const settings = { proofing: 'proofing.json' } as unknown as BusinessSettings;
    return createBusinessOptions(settings, directory.place).proofing;
  }

  it('names a provider and the key that both have', async () => {
    const options = await read({ url: 'https://questions.example.com/v1/', keyFile: 'good.key' });
    expect(options).to.deep.include({
      url: 'https://questions.example.com/v1',
      timeoutMillis: 10_000,
    });
    expect(Buffer.from(options?.key ?? []).toString('hex')).to.equal(KEY);
  });

  it('is not needed', () => {
    const none = createBusinessOptions({} as BusinessSettings, directory.place);
    expect(none.proofing).to.equal(undefined);
  });

  for (const url of ['http://127.0.0.1:8090', 'http://localhost:8090', 'http://[::1]:8090']) {
    it(`takes plain HTTP on this machine: ${url}`, async () => {
      expect((await read({ url, keyFile: 'good.key' }))?.url).to.equal(url);
    });
  }

  const BAD: readonly (readonly [string, object | string, RegExp])[] = [
    ['plain HTTP elsewhere', { url: 'http://example.com', keyFile: 'good.key' }, /https address/],
    ['a password in the address', { url: 'https://a:b@example.com', keyFile: 'good.key' }, /https/],
    ['a query', { url: 'https://example.com/?a=b', keyFile: 'good.key' }, /https address/],
    ['no address', { url: 'example', keyFile: 'good.key' }, /https address/],
    ['no key', { url: 'https://example.com' }, /keyFile/],
    [
      'a key that is not there',
      { url: 'https://example.com', keyFile: 'no.key' },
      /cannot be read/,
    ],
    ['a short key', { url: 'https://example.com', keyFile: 'short.key' }, /32 to 64 bytes/],
    ['a key in words', { url: 'https://example.com', keyFile: 'text.key' }, /32 to 64 bytes/],
    ['an unknown field', { url: 'https://e.com', keyFile: 'good.key', retries: 1 }, /retries/],
    [
      'a time-out out of bounds',
      { url: 'https://e.com', keyFile: 'good.key', timeoutMillis: 1 },
      /timeoutMillis/,
    ],
    ['no JSON', 'url', /cannot be read as JSON/],
  ];
  for (const [what, file, message] of BAD) {
    it(`is refused with ${what}`, async () => {
      const error = await read(file).catch((reason: Error) => reason);
      expect(error).to.include({ code: 'usage' });
      expect(error).to.have.property('message').that.matches(message);
    });
  }
});
