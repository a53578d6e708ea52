import { spawn } from 'node:child_process';
import { text as readText } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import fc from 'fast-check';
import type { SeedFileEntry } from '../../../shared/seed-files/entry.ts';
import type { SeedFileKey } from '../../../shared/seed-files/key.ts';
import { libraryOrSkip } from '../../support/debian.ts';
import { arbitraryEntries } from './arbitrary-entries.ts';
import { expectRefusal } from './reading.ts';
import { keyOf, passphrase, read, readWhole, rng, sealed } from './sealing.ts';

const FILES = 5;
const SCRIPT = fileURLToPath(new URL('./python-pskc.py', import.meta.url));
const VALUE = 'KeyPackage 1/EncryptedValue';
const SHA256 = { algorithm: 'aes256-cbc', mac: 'hmac-sha256' };
const URN = 'urn:ietf:params:xml:ns:keyprov:pskc:';

/** python-pskc, Debian's: another program that reads and writes encrypted PSKC. */
describe('python-pskc', () => {
  let library: string;

  before(async function () {
    library = await libraryOrSkip(this, 'python3-pskc');
  });

  async function ask<Answer>(order: object): Promise<Answer> {
    const PYTHONPATH = `${library}/usr/lib/python3/dist-packages`;
    const env = { ...process.env, PYTHONPATH, PYTHONDONTWRITEBYTECODE: '1' };
    const python = spawn('python3', [SCRIPT], { env, stdio: ['pipe', 'pipe', 'inherit'] });
    python.stdin.end(JSON.stringify(order));
    const said: unknown = JSON.parse(await readText(python.stdout));
    const { answer, error } = said as { answer?: Answer; error?: string };
    if (answer === undefined) throw new Error(error ?? 'no answer');
    return answer;
  }

  const theirKey = (key: SeedFileKey) =>
    key.kind === 'key' ? { hex: Buffer.from(key.bytes).toString('hex') } : { passphrase: key.text };

  const keys: Readonly<Record<string, SeedFileKey>> = {
    'a key of 128 bits': keyOf(rng.bytes(16)),
    'a key of 192 bits': keyOf(rng.bytes(24)),
    'a key of 256 bits': keyOf(rng.bytes(32)),
    'a passphrase': passphrase('Schlüssel für 3 Tokens 🔑'),
  };
  for (const [what, key] of Object.entries(keys)) {
    it(`reads what we encrypt under ${what}`, async () => {
      const property = fc.asyncProperty(
        arbitraryEntries(['manufacturer', 'account']),
        fc.constantFrom('sha1' as const, 'sha256' as const),
        fc.boolean(),
        async (entries, hash, sealNumbers) => {
          const text = await sealed(entries, key, { hash, sealNumbers });
          const theirs = await ask({ do: 'read', text, key: theirKey(key) });
          expect(theirs).to.deep.equal(entries.map(asTheyShow));
        },
      );
      await fc.assert(property, { numRuns: FILES });
    }).timeout(120_000);
  }

  it('does not read ours with a MAC that was changed', async () => {
    const key = keys['a key of 128 bits'] ?? keyOf(rng.bytes(16));
    const entries = fc.sample(arbitraryEntries(), { numRuns: 1, seed: 3 })[0] ?? [];
    const text = await sealed(entries, key);
    await ask({ do: 'read', text, key: theirKey(key) });
    const changed = text.replace(/<ValueMAC>..../, '<ValueMAC>AAAA');
    const error = await ask({ do: 'read', text: changed, key: theirKey(key) }).catch(String);
    expect(error).to.include('MAC value does not match');
    expectRefusal((await read('pskc', [changed], { key })).error, VALUE, 'wrongKey');
  });

  /** 49 and 57 would be the digits 1 and 9 in one byte, which we refuse to guess at. */
  const counters = [0, 1, 42, 255, 70_000, Number.MAX_SAFE_INTEGER];
  const written = counters.map((counter, index) => ({
    id: `K${index}`,
    serial: `PY-${index}`,
    secret: Buffer.from(rng.bytes(20 + index)).toString('base64'),
    algorithm: `${URN}hotp`,
    counter,
    response_length: 6,
    response_encoding: 'DECIMAL',
  }));
  const fields = ['secret', 'counter'];
  const cases: readonly (readonly [what: string, key: SeedFileKey, options: object])[] = [
    ['aes128-cbc', keyOf(rng.bytes(16)), { algorithm: 'aes128-cbc' }],
    ['aes192-cbc', keyOf(rng.bytes(24)), { algorithm: 'aes192-cbc', fields }],
    ['aes256-cbc', keyOf(rng.bytes(32)), { algorithm: 'aes256-cbc', fields }],
    ['aes256-cbc and HMAC-SHA-256', keyOf(rng.bytes(32)), SHA256],
    ['kw-aes128', keyOf(rng.bytes(16)), { algorithm: 'kw-aes128', fields }],
    ['kw-aes192', keyOf(rng.bytes(24)), { algorithm: 'kw-aes192' }],
    ['kw-aes256', keyOf(rng.bytes(32)), { algorithm: 'kw-aes256', fields }],
    ['a passphrase', passphrase('geheim'), { iterations: 1000 }],
    ['its own number of iterations', passphrase('🔑 ü'), { fields }],
    ['PBKDF2 of SHA-256', passphrase('geheim'), { iterations: 1000, prf: 'hmac-sha256' }],
  ];
  for (const [what, key, options] of cases) {
    it(`writes under ${what} what we read`, async () => {
      const order = { do: 'write', tokens: written, key: theirKey(key), options };
      const entries = await readWhole('pskc', [await ask<string>(order)], { key });
      const expected = written.map(({ serial, secret, counter }) => ({
        serial,
        seed: Uint8Array.from(Buffer.from(secret, 'base64')),
        parameters: { type: 'event', algorithm: 'SHA1', digits: 6 },
        nextCounter: counter,
      }));
      expect(
        entries.map((entry) => ({ ...entry, seed: Uint8Array.from(entry.seed) })),
      ).to.deep.equal(expected);
    });
  }

  it('writes what we refuse once its MAC was changed, or under another key', async () => {
    const key = keyOf(rng.bytes(16));
    const order = { do: 'write', tokens: written, key: theirKey(key), options: {} };
    const text = await ask<string>(order);
    const changed = text.replace(/ValueMAC>..../, 'ValueMAC>AAAA');
    expectRefusal((await read('pskc', [changed], { key })).error, VALUE, 'wrongKey');
    const other = await read('pskc', [text], { key: keyOf(rng.bytes(16)) });
    expectRefusal(other.error, VALUE, 'wrongKey');
  });
});

function asTheyShow({ serial, seed, parameters, nextCounter, ...rest }: SeedFileEntry) {
  const { type, algorithm, digits } = parameters;
  return {
    serial,
    seed: Buffer.from(seed).toString('base64'),
    algorithm: `${URN}${type === 'event' ? 'hotp' : 'totp'}`,
    suite: algorithm === 'SHA1' ? null : algorithm.replace('SHA', 'HMAC-SHA'),
    digits,
    counter: type === 'event' ? nextCounter : null,
    step: parameters.type === 'time' ? parameters.stepSeconds : null,
    manufacturer: rest.manufacturer ?? null,
    user: rest.account === undefined ? null : `UID=${rest.account}`,
  };
}
