import { expect } from 'chai';
import fc from 'fast-check';
import { FobtwinError } from '../../../shared/errors.ts';
import { SEED_FILE_LIMITS } from '../../../shared/seed-files/entry.ts';
import { createPskcParser } from '../../../shared/seed-files/pskc.ts';
import { formatPskc } from '../../../shared/seed-files/pskc-writer.ts';
import { arbitraryEntries, arbitraryEntry, change, cut, cuts, share } from './arbitrary-entries.ts';
import {
  container,
  file,
  HOTP,
  keyPackage,
  NAMESPACE,
  plain,
  SEED,
  timeFile,
} from './pskc-parts.ts';
import { expectHarmless, expectRefusal, readAll, readPieces, thrown } from './reading.ts';

const LABELS = ['manufacturer', 'model', 'issuer', 'account'] as const;

describe('PSKC', () => {
  it('comes back as it was written, cut anywhere', () => {
    fc.assert(
      fc.property(arbitraryEntries(LABELS), cuts, (entries, shares) => {
        const pieces = cut(formatPskc(entries), shares);
        expect(readAll(createPskcParser, pieces)).to.deep.equal(entries);
      }),
    );
  });

  it('comes back when it is fed one UTF-16 unit at a time', () => {
    fc.assert(
      fc.property(arbitraryEntry(LABELS), (entry) => {
        const units = formatPskc([entry]).split('');
        expect(readAll(createPskcParser, units)).to.deep.equal([entry]);
      }),
      { numRuns: 20 },
    );
  });

  it('is refused when cut short anywhere, and delivers only what is in it', () => {
    fc.assert(
      fc.property(arbitraryEntries(LABELS), share, (all, where) => {
        const text = formatPskc(all).trimEnd();
        const short = text.slice(0, Math.floor(where * (text.length - 1)));
        const { entries, error } = readPieces(createPskcParser, [short]);
        expect(error).to.be.instanceOf(FobtwinError);
        expect((error as FobtwinError).errors[0]?.code).to.equal('truncated');
        expect(entries).to.deep.equal(all.slice(0, entries.length));
      }),
    );
  });

  it('survives any changed character, and tells the same of it wherever it is cut', () => {
    fc.assert(
      fc.property(arbitraryEntries(LABELS), change, cuts, (all, changed, shares) => {
        const text = changed(formatPskc(all));
        const reading = readPieces(createPskcParser, [text]);
        expectHarmless(reading, all);
        const inPieces = readPieces(createPskcParser, cut(text, shares));
        expect(inPieces.entries).to.deep.equal(reading.entries);
        expect(String(inPieces.error)).to.equal(String(reading.error));
      }),
      { numRuns: 1000 },
    );
  });

  it('delivers each entry as soon as its KeyPackage is closed, up to the limit', () => {
    const count = SEED_FILE_LIMITS.entries;
    const text = (index: number) => keyPackage({ device: `<SerialNo>FT${index}</SerialNo>` });
    let delivered = 0;
    const parser = createPskcParser(({ serial }) => {
      expect(serial).to.equal(`FT${delivered}`);
      delivered += 1;
    });
    parser.write(container('').replace('</KeyContainer>', ''));
    for (let index = 0; index < count; index += 1) {
      parser.write(text(index));
      if (delivered !== index + 1) expect.fail(`entry ${index} was kept back`);
    }
    const error = thrown(() => parser.write(text(count)));
    expectRefusal(error, `KeyPackage ${count + 1}`, 'tooMany');
  }).timeout(120_000);

  it('reads all that RFC 6030 has about a plain hotp key', () => {
    const text = container(`<KeyPackage>
      <DeviceInfo><Manufacturer>Manufacturer</Manufacturer><SerialNo>987654321</SerialNo>
        <Model>M</Model><UserId>DC=example</UserId></DeviceInfo>
      <CryptoModuleInfo><Id>CM_ID_001</Id></CryptoModuleInfo>
      <Key Id="12345678" Algorithm="${NAMESPACE}:hotp"><Issuer>Issuer</Issuer>
        <AlgorithmParameters><ResponseFormat Length="8" Encoding="DECIMAL"/></AlgorithmParameters>
        <KeyProfileId>keyProfile1</KeyProfileId><KeyReference>MasterKeyLabel</KeyReference>
        <FriendlyName xml:lang="en">mine</FriendlyName>
        <Data>${SEED}${plain('Counter', '42')}</Data><UserId>UID=jsmith</UserId>
        <Policy><PINPolicy MinLength="4" PINUsageMode="Local"/><KeyUsage>OTP</KeyUsage></Policy>
      </Key></KeyPackage>`);
    expect(readAll(createPskcParser, [text])).to.deep.equal([
      {
        serial: '987654321',
        seed: new TextEncoder().encode('12345678901234567890'),
        parameters: { type: 'event', algorithm: 'SHA1', digits: 8 },
        nextCounter: 42,
        manufacturer: 'Manufacturer',
        model: 'M',
        issuer: 'Issuer',
        account: 'jsmith',
      },
    ]);
  });

  const serial = (text: string) => file({ device: `<SerialNo>${text}</SerialNo>` });
  const extended = `${SEED}<x:y xmlns:x="urn:x"><z>1</z></x:y>`;
  const extensions = '<Extensions><q xmlns="urn:q"/></Extensions>';
  const event = { type: 'event', algorithm: 'SHA1', digits: 6 };
  const draft = 'Algorithm="http://www.ietf.org/keyprov/pskc#hotp"';
  const clock = plain('Time', '5') + plain('TimeInterval', '60') + plain('TimeDrift', '-2');
  const time = { type: 'time', algorithm: 'SHA1', digits: 6, stepSeconds: 60 };
  const accepted: readonly (readonly [string, string, object])[] = [
    ['a prefix for its namespace', prefixed(), { serial: 'FT1' }],
    ['a byte order mark', `\uFEFF${file()}`, { serial: 'FT1' }],
    ['a serial in lower case with blanks', serial(' ft 1\n'), { serial: 'FT1' }],
    [
      'a comment, CDATA and references',
      serial('F<!-- x --><![CDATA[T]]>&#x31;'),
      { serial: 'FT1' },
    ],
    [
      'the Key Id for want of a serial',
      file({ device: '', key: `Id="k-9" ${HOTP}` }),
      { serial: 'K-9' },
    ],
    ['entities that XML has', file({ device: '<Model>A&amp;&lt;B</Model>' }), { model: 'A&<B' }],
    ['base64 on several lines', file({ data: SEED.replace('Dky', 'Dky\n\t ') }), { serial: 'FT1' }],
    ['a draft’s algorithm address', file({ key: `Id="1" ${draft}` }), { parameters: event }],
    ['a suite', file({ suite: 'HMAC-SHA-512' }), { parameters: { ...event, algorithm: 'SHA512' } }],
    ['extensions', file({ data: extended, afterKey: extensions }), { serial: 'FT1' }],
    ['a totp key', timeFile(clock), { parameters: time, nextCounter: 0 }],
  ];
  for (const [what, text, expected] of accepted) {
    it(`reads ${what}`, () => {
      const [entry] = readAll(createPskcParser, [text]);
      expect(entry).to.deep.include(expected);
    });
  }

  it('is not written without tokens', () => {
    expectRefusal(
      thrown(() => formatPskc([])),
      'KeyPackage',
      'required',
    );
  });

  it('is not written with characters that XML lacks', () => {
    for (const manufacturer of ['a\u0000b', '\u001b[31m', '\ud800']) {
      const entries = readAll(createPskcParser, [file()]).map((entry) => ({
        ...entry,
        manufacturer,
      }));
      const error = thrown(() => formatPskc(entries));
      expectRefusal(error, 'KeyPackage 1/Manufacturer', 'badFormat');
    }
  });
});

function prefixed(): string {
  const attributes = `Version="1.0" xmlns:pskc="${NAMESPACE}"`;
  return container(keyPackage(), attributes).replace(/<(\/?)([A-Z])/g, '<$1pskc:$2');
}
