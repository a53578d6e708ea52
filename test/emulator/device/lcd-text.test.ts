import { stripVTControlCharacters } from 'node:util';
import { expect } from 'chai';
import fc from 'fast-check';
import { darkFrame, segmentsOf } from '../../../emulator/device/lcd.ts';
import { type DrawOptions, drawLcd } from '../../../emulator/device/lcd-text.ts';
import type { Frame } from '../../../emulator/device/types.ts';

function showing(text: string, marks = 4, marksMax = 6): Frame {
  return { lit: true, cells: segmentsOf(text, 8), marks, marksMax };
}

const DARK = darkFrame({ cells: 8, marksMax: 6 });
const OPTIONS: readonly DrawOptions[] = (['small', 'large'] as const).flatMap((size) =>
  [true, false].flatMap((colour) => [true, false].map((ascii) => ({ size, colour, ascii }))),
);

describe('emulator/device/lcd-text', () => {
  it('draws small', () => {
    expect(drawLcd(showing('287345'))).to.deep.equal([
      '╭────────────────────────────────────╮',
      '│        ╺━┓ ┏━┓ ╺━┓ ╺━┓ ╻ ╻ ┏━╸     │',
      '│ ▪▪     ┏━┛ ┣━┫   ┃ ╺━┫ ┗━┫ ┗━┓     │',
      '│ ▪▪     ┗━╸ ┗━┛   ╹ ╺━┛   ╹ ╺━┛     │',
      '╰────────────────────────────────────╯',
    ]);
  });

  it('draws large', () => {
    expect(drawLcd(showing('287345'), { size: 'large' })).to.deep.equal([
      '╭──────────────────────────────────────────────────────────────────────────────╮',
      '│ ╭─────────────────────────────────────────────────────────────────────╮      │',
      '│ │              ▀███▀▄ ▄▀███▀▄  ▀███▀▄  ▀███▀▄ ▄     ▄ ▄▀███▀          │      │',
      '│ │                  ██ ██   ██      ██      ██ ██   ██ ██              │      │',
      '│ │ ▄▄            ▄▄▄▀█ █▀▄▄▄▀█      ▀█   ▄▄▄▀█ █▀▄▄▄▀█ █▀▄▄▄           │ ╭──╮ │',
      '│ │ ▄▄          ▄▀███▀  ▄▀███▀▄       ▄  ▀███▀▄  ▀███▀▄  ▀███▀▄         │ │  │ │',
      '│ │ ▄▄          ██      ██   ██      ██      ██      ██      ██         │ ╰──╯ │',
      '│ │ ▄▄          █▀▄▄▄   █▀▄▄▄▀█      ▀█   ▄▄▄▀█      ▀█   ▄▄▄▀█         │      │',
      '│ │              ▀▀▀▀▀   ▀▀▀▀▀           ▀▀▀▀▀           ▀▀▀▀▀          │      │',
      '│ ╰─────────────────────────────────────────────────────────────────────╯      │',
      '╰──────────────────────────────────────────────────────────────────────────────╯',
    ]);
  });

  it('draws small in ASCII', () => {
    expect(drawLcd(showing('287345'), { ascii: true })).to.deep.equal([
      '+------------------------------------+',
      '|         _   _   _   _       _      |',
      '| ==      _| |_|   |  _| |_| |_      |',
      '| ==     |_  |_|   |  _|   |  _|     |',
      '+------------------------------------+',
    ]);
  });

  it('draws large in ASCII, with digits that can be told apart', () => {
    const rows = [...'0123456789'].map((digit) =>
      drawLcd(showing(digit), { ascii: true, size: 'large' }).join('\n'),
    );
    for (const row of rows) expect(row).to.match(/^[\x20-\x7e\n]+$/);
    expect(new Set(rows).size).to.equal(10);
  });

  for (const options of OPTIONS) {
    const { size, colour, ascii } = options;
    const kind = `${size}${colour ? ', in colour' : ''}${ascii ? ', in ASCII' : ''}`;

    it(`is one rectangle that fits a terminal: ${kind}`, () => {
      for (const frame of [DARK, showing('12345678', 6), showing('123456', 0, 0)]) {
        const lines = drawLcd(frame, options);
        const bare = lines.map(stripVTControlCharacters);
        expect(lines).to.have.length(size === 'small' ? 5 : 11);
        expect(new Set(bare.map((line) => [...line].length)).size).to.equal(1);
        expect(bare[0]?.length).to.be.at.most(80);
        expect(lines.join('') !== bare.join(''), 'escapes').to.equal(colour);
        if (ascii) expect(bare.join('')).to.match(/^[\x20-\x7e]+$/);
      }
    });

    it(`draws different frames differently: ${kind}`, () => {
      const code = fc.string({
        unit: fc.constantFrom(...'0123456789'),
        minLength: 6,
        maxLength: 8,
      });
      const frames = fc.tuple(code, fc.integer({ min: 0, max: 6 }));
      const draw = ([text, marks]: [string, number]) =>
        drawLcd(showing(text, marks), options).join('\n');
      fc.assert(
        fc.property(frames, frames, (one, other) => {
          const same = one[0] === other[0] && one[1] === other[1];
          expect(draw(one) === draw(other)).to.equal(same);
        }),
      );
      expect(drawLcd(DARK, options)).not.to.deep.equal(drawLcd(showing('1', 0), options));
    });
  }

  it('loses the countdown marks from the top', () => {
    const marksOf = (marks: number) =>
      drawLcd(showing('', marks), { size: 'large' })
        .slice(2, 9)
        .map((line) => (line.includes('▄▄') ? '=' : '.'))
        .join('');
    expect([6, 5, 1, 0].map(marksOf)).to.deep.equal(['======.', '.=====.', '.....=.', '.......']);
  });
});
