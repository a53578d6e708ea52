import { expect } from 'chai';
import fc from 'fast-check';
import { type FieldErrorCode, FobtwinError } from '../../../shared/errors.ts';
import { change, cut, cuts } from './arbitrary-entries.ts';
import { expectRefusal } from './reading.ts';
import { read, readWhole } from './sealing.ts';

const HEX = '3132333435363738393031323334353637383930';
const SEED = Uint8Array.from(Buffer.from(HEX, 'hex'));

interface Parts {
  readonly attributes?: string;
  readonly seed?: string;
  readonly factor?: string;
  readonly more?: string;
}

function token({
  attributes = 'serial="F800574"',
  seed = `<Seed>${HEX}</Seed>`,
  factor = '<MovingFactor>12</MovingFactor>',
  more = '',
}: Parts = {}): string {
  return `<Token ${attributes}><CaseModel>5</CaseModel><Model>101</Model>
<ProductionDate>02/19/2009</ProductionDate><ProductName>Safeword Alpine</ProductName>
<Applications><Application ConnectorID="{a}">${seed}${factor}</Application>${more}</Applications>
</Token>`;
}

const file = (...tokens: string[]) =>
  `<?xml version="1.0" encoding="utf-8"?>\n<Tokens>\n${tokens.join('\n')}\n</Tokens>\n`;
const one = (parts: Parts) => file(token(parts));

describe('SafeNet XML', () => {
  const expected = {
    serial: 'F800574',
    seed: SEED,
    parameters: { type: 'event', algorithm: 'SHA1', digits: 6 },
    nextCounter: 12,
    model: 'Safeword Alpine',
  };

  it('is read, cut anywhere', async () => {
    await fc.assert(
      fc.asyncProperty(cuts, async (shares) => {
        const text = file(token(), token({ attributes: 'serial="F800575"', factor: '' }));
        const entries = await readWhole('safenet', cut(text, shares));
        expect(entries).to.deep.equal([
          expected,
          { ...expected, serial: 'F800575', nextCounter: 0 },
        ]);
      }),
    );
  });

  it('takes a seed of 32 bytes for one of SHA-256', async () => {
    const [entry] = await readWhole('safenet', [one({ seed: `<Seed>${'ab'.repeat(32)}</Seed>` })]);
    expect(entry?.parameters.algorithm).to.equal('SHA256');
  });

  it('survives any changed character', async () => {
    await fc.assert(
      fc.asyncProperty(change, async (changed) => {
        const { error } = await read('safenet', [changed(file(token()))]);
        if (error !== undefined) expect(error).to.be.instanceOf(FobtwinError);
      }),
      { numRuns: 500 },
    );
  });

  const refusals: readonly (readonly [string, string, FieldErrorCode, string])[] = [
    ['an empty file', 'line 1', 'truncated', ''],
    ['another root', 'line 1', 'malformed', '<KeyContainer/>'],
    ['no token', 'Token', 'required', file()],
    ['no serial', 'Token 1/Serial', 'required', one({ attributes: '' })],
    ['a strange serial', 'Token 1/Serial', 'badFormat', one({ attributes: 'serial="a/b"' })],
    ['a serial twice', 'Token 2/Serial', 'duplicate', file(token(), token())],
    ['no seed', 'Token 1/Seed', 'required', one({ seed: '' })],
    ['a short seed', 'Token 1/Seed', 'seedTooShort', one({ seed: '<Seed>00</Seed>' })],
    ['base64', 'Token 1/Seed', 'badFormat', one({ seed: '<Seed>MTIzNDU2Nzg5MDEy</Seed>' })],
    [
      'two applications',
      'Token 1/Seed',
      'tooMany',
      one({ more: `<Application><Seed>${HEX}</Seed></Application>` }),
    ],
    [
      'an oversized counter',
      'Token 1/MovingFactor',
      'tooLarge',
      one({ factor: '<MovingFactor>9007199254740992</MovingFactor>' }),
    ],
    [
      'a negative counter',
      'Token 1/MovingFactor',
      'tooSmall',
      one({ factor: '<MovingFactor>-1</MovingFactor>' }),
    ],
    [
      'a long seed text',
      'Token 1/Seed',
      'tooLong',
      one({ seed: `<Seed>${'a'.repeat(5000)}</Seed>` }),
    ],
    [
      'a DOCTYPE',
      'line 1',
      'doctype',
      `<!DOCTYPE Tokens>${file(token())}`.replace(/<\?.*\?>\n/, ''),
    ],
    ['an entity', 'Token 1', 'entity', one({ seed: '<Seed>&seed;</Seed>' })],
    ['a cut', 'Token 1', 'truncated', file(token()).slice(0, -40)],
  ];
  for (const [what, field, code, text] of refusals) {
    it(`is refused for ${what}, naming ${field}`, async () => {
      const pieces = text.match(/[\s\S]{1,7}/g) ?? [];
      expectRefusal((await read('safenet', [text])).error, field, code);
      expectRefusal((await read('safenet', pieces)).error, field, code);
    });
  }
});
