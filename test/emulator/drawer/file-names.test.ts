import { expect } from 'chai';
import fc from 'fast-check';
import {
  attemptOfFileName,
  deviceFileName,
  draftName,
  lockName,
  serialOfFileName,
} from '../../../emulator/drawer/file-names.ts';
import type { Serial } from '../../../shared/types.ts';

const anySerial = fc.stringMatching(/^[A-Z0-9][A-Z0-9._-]{0,63}$/) as fc.Arbitrary<Serial>;
const reserved = fc
  .tuple(
    fc.constantFrom('CON', 'PRN', 'AUX', 'NUL', 'COM1', 'LPT9'),
    fc.constantFrom('', '.', '.A'),
  )
  .map(([name, rest]) => `${name}${rest}` as Serial);

describe('names in a drawer', () => {
  it('lead from a serial to a file and back', () => {
    fc.assert(
      fc.property(fc.oneof(anySerial, reserved), (serial) => {
        expect(serialOfFileName(deviceFileName(serial))).to.equal(serial);
      }),
    );
  });

  it('are never those of Windows devices, whatever follows the first dot', () => {
    fc.assert(
      fc.property(fc.oneof(anySerial, reserved), (serial) => {
        const stem = deviceFileName(serial).split('.')[0];
        expect(stem).not.to.match(/^(CON|PRN|AUX|NUL|COM[0-9]|LPT[0-9])$/i);
      }),
    );
  });

  it('of locks and drafts are no device files, and say what they belong to', () => {
    fc.assert(
      fc.property(
        anySerial,
        fc.nat({ max: 1e9 }),
        fc.nat({ max: 999 }),
        (serial, revision, attempt) => {
          const turn = { serial, revision, attempt };
          for (const name of [lockName(turn), draftName(turn)]) {
            expect(serialOfFileName(name)).to.equal(undefined);
            expect(attemptOfFileName(name)).to.deep.equal(turn);
          }
        },
      ),
    );
  });

  const foreign = [
    'notes.txt',
    'package.json',
    'ABC.json',
    'abc.fob.json',
    '.fob.json',
    '-A.fob.json',
    '_ABC.fob.json',
    'CON.fob.json',
    'A B.fob.json',
    '.DS_Store',
    '.A.1.lock',
    `${'A'.repeat(65)}.fob.json`,
  ];
  for (const name of foreign) {
    it(`leave ${name.slice(0, 20)} alone`, () => {
      expect(serialOfFileName(name)).to.equal(undefined);
      expect(attemptOfFileName(name)).to.equal(undefined);
    });
  }
});
