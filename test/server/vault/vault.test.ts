import canonicalize from 'canonicalize';
import { expect } from 'chai';
import fc from 'fast-check';
import type { SeedContext, Vault } from '../../../server/vault/port.ts';
import { createVault, seedContext, type VaultParts } from '../../../server/vault/vault.ts';
import { FobtwinError } from '../../../shared/errors.ts';
import {
  ALGORITHMS,
  DIGITS,
  parseSeed,
  parseSerial,
  type Seed,
  type Serial,
} from '../../../shared/types.ts';
import { countingRng } from './counting-rng.ts';

const key = (fill: number) => new Uint8Array(32).fill(fill);
const seed = (fill: number, length = 20) => parseSeed(new Uint8Array(length).fill(fill)) as Seed;
const serial = (text: string) => parseSerial(text) as Serial;

const PARTS: Omit<VaultParts, 'rng'> = {
  rootKey: key(1),
  dataKeys: new Map([
    ['old', key(2)],
    ['new', key(3)],
  ]),
  currentDataKey: 'new',
};
const vaultOf = (parts: Partial<VaultParts> = {}): Vault =>
  createVault({ ...PARTS, rng: countingRng(), ...parts });

const CONTEXT: SeedContext = {
  serial: serial('FT1'),
  parameters: { type: 'event', algorithm: 'SHA1', digits: 6 },
};

const contexts: fc.Arbitrary<SeedContext> = fc.record({
  serial: fc.stringMatching(/^[A-Z0-9][A-Z0-9._-]{0,63}$/).map(serial),
  parameters: fc.oneof(
    fc.record({
      type: fc.constant('event' as const),
      algorithm: fc.constantFrom(...ALGORITHMS),
      digits: fc.constantFrom(...DIGITS),
    }),
    fc.record({
      stepSeconds: fc.integer({ min: 1, max: 3600 }),
      type: fc.constant('time' as const),
      digits: fc.constantFrom(...DIGITS),
      algorithm: fc.constantFrom(...ALGORITHMS),
    }),
  ),
});

function refused(act: () => unknown): FobtwinError {
  let thrown: unknown;
  try {
    act();
  } catch (error) {
    thrown = error;
  }
  expect(thrown).to.be.instanceOf(FobtwinError).with.property('code', 'internal');
  return thrown as FobtwinError;
}

describe('vault', () => {
  it('opens what it sealed, for every context and every length of seed', () =>
    fc.assert(
      fc.property(contexts, fc.uint8Array({ minLength: 16, maxLength: 64 }), (context, bytes) => {
        const vault = vaultOf();
        const sealed = vault.seal(parseSeed(bytes) as Seed, context);
        expect([...vault.open(sealed, context)]).to.deep.equal([...bytes]);
      }),
    ));

  it('binds a seed to canonical JSON of serial, parameters and version', () =>
    fc.assert(
      fc.property(contexts, (context) => {
        expect(seedContext(context)).to.equal(canonicalize({ ...context, version: 1 }));
      }),
    ));

  it('binds a seed to parameters that it does not know of, too', () => {
    for (const known of [
      { type: 'event', algorithm: 'SHA1', digits: 6 },
      { type: 'time', algorithm: 'SHA1', digits: 6, stepSeconds: 30 },
    ]) {
      const parameters = { ...known, more: 'x' } as unknown as SeedContext['parameters'];
      const context = { ...CONTEXT, parameters };
      expect(seedContext(context)).to.equal(canonicalize({ ...context, version: 1 }));
    }
  });

  it('binds to what the parameters say, not to which object says it', () => {
    const vault = vaultOf();
    const sealed = vault.seal(seed(9), CONTEXT);
    const same = JSON.parse(JSON.stringify(CONTEXT)) as SeedContext;
    expect(vault.open(sealed, same)).to.deep.equal(vault.open(sealed, CONTEXT));
  });

  it('does not open a seed in another context: swapped ciphertexts are unreadable', () => {
    const vault = vaultOf();
    const sealed = vault.seal(seed(9), CONTEXT);
    const { parameters } = CONTEXT;
    const others: SeedContext[] = [
      { ...CONTEXT, serial: serial('FT2') },
      { ...CONTEXT, parameters: { ...parameters, algorithm: 'SHA256' } },
      { ...CONTEXT, parameters: { ...parameters, digits: 8 } },
      { ...CONTEXT, parameters: { ...parameters, type: 'time', stepSeconds: 30 } },
    ];
    for (const other of others) {
      const theirs = vault.seal(seed(8), other);
      refused(() => vault.open(sealed, other));
      refused(() => vault.open(theirs, CONTEXT));
    }
  });

  it('notices every changed byte, and never tells the seed', () => {
    const vault = vaultOf();
    const sealed = vault.seal(seed(9), CONTEXT);
    const bytes = Buffer.from(sealed.sealed, 'base64url');
    for (let place = 0; place < bytes.length; place += 1) {
      const changed = Buffer.from(bytes);
      changed[place] = (changed[place] ?? 0) ^ 0x80;
      const error = refused(() =>
        vault.open({ ...sealed, sealed: changed.toString('base64url') }, CONTEXT),
      );
      expect(`${error.message} ${error.detail}`).not.to.contain(seed(9).toString());
    }
    for (const bad of ['', 'AAAA', sealed.sealed.slice(0, -4), `${sealed.sealed}AAAA`]) {
      refused(() => vault.open({ ...sealed, sealed: bad }, CONTEXT));
    }
  });

  it('seals with the current data key and opens with the one that is named', () => {
    const before = vaultOf({ currentDataKey: 'old' }).seal(seed(9), CONTEXT);
    expect(before.dataKey).to.equal('old');
    const vault = vaultOf();
    expect(vault.seal(seed(9), CONTEXT).dataKey).to.equal('new');
    expect(vault.open(before, CONTEXT)).to.deep.equal(Buffer.from(seed(9)));
    refused(() => vault.open({ ...before, dataKey: 'new' }, CONTEXT));
    refused(() => vault.open({ ...before, dataKey: 'lost' }, CONTEXT));
    refused(() => vault.open({ ...before, version: 2 as 1 }, CONTEXT));
  });

  it('seals the same seed differently each time', () => {
    const vault = vaultOf();
    const sealed = Array.from({ length: 20 }, () => vault.seal(seed(9), CONTEXT).sealed);
    expect(new Set(sealed).size).to.equal(20);
  });

  it('refuses keys of a wrong length and a current key that it does not have', () => {
    refused(() => vaultOf({ currentDataKey: 'none' }));
    refused(() => vaultOf({ rootKey: new Uint8Array(16) }));
    refused(() => vaultOf({ dataKeys: new Map([['new', new Uint8Array(31)]]) }));
  });

  it('hashes the same text the same way in every run, and apart for each purpose and root', () => {
    const hash = vaultOf().keyedHash('wrongCode', 'FT1 123456');
    expect(hash).to.match(/^[0-9a-f]{64}$/);
    expect(vaultOf().keyedHash('wrongCode', 'FT1 123456')).to.equal(hash);
    expect(vaultOf().keyedHash('shadow', 'FT1 123456')).not.to.equal(hash);
    expect(vaultOf().keyedHash('wrongCode', 'FT1 123457')).not.to.equal(hash);
    expect(vaultOf({ rootKey: key(4) }).keyedHash('wrongCode', 'FT1 123456')).not.to.equal(hash);
  });

  it('gives a decoy seed of 20 bytes, always the same, a copy each time', () => {
    const vault = vaultOf();
    const decoy = vault.decoySeed();
    expect(decoy).to.have.length(20);
    expect(vaultOf().decoySeed()).to.deep.equal(decoy);
    expect(vaultOf({ rootKey: key(4) }).decoySeed()).not.to.deep.equal(decoy);
    decoy.fill(0);
    expect(vault.decoySeed()).to.deep.equal(vaultOf().decoySeed());
  });
});
