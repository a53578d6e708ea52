import { stripVTControlCharacters } from 'node:util';
import { expect } from 'chai';
import fc from 'fast-check';
import { READABLE_CONTRAST, readFrame, segmentsOf } from '../../../emulator/device/lcd.ts';
import { type DrawOptions, drawLcd } from '../../../emulator/device/lcd-text.ts';
import type { Frame } from '../../../emulator/device/types.ts';

function showing(text: string, marks = 4, marksMax = 6): Frame {
  return {
    lit: true,
    cells: segmentsOf(text, 8),
    marks,
    marksMax,
    icons: [],
    contrast: 1,
    rotated: false,
  };
}

const DARK: Frame = { ...showing('', 0), lit: false };
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

  it('writes the icons that show into the upper edge', () => {
    const icons = ['battery', 'lock'] as const;
    expect(drawLcd({ ...showing('287345'), icons })[0]).to.equal(
      '╭──────────────────── battery, lock ─╮',
    );
    expect(drawLcd({ ...showing('287345'), icons: ['battery'] }, { ascii: true })[0]).to.equal(
      '+-------------------------- battery -+',
    );
    expect(drawLcd({ ...DARK, icons })).to.deep.equal(drawLcd(DARK));
  });

  it('draws a faded display thinner, and in plain text not what nobody could read', () => {
    const faded = (contrast: number): Frame => ({ ...showing('287345'), contrast });
    expect(drawLcd(faded(0.5))).to.deep.equal([
      '╭────────────────────────────────────╮',
      '│        ╶─┐ ┌─┐ ╶─┐ ╶─┐ ╷ ╷ ┌─╴     │',
      '│ ▫▫     ┌─┘ ├─┤   │ ╶─┤ └─┤ └─┐     │',
      '│ ▫▫     └─╴ └─┘   ╵ ╶─┘   ╵ ╶─┘     │',
      '╰────────────────────────────────────╯',
    ]);
    expect(drawLcd(faded(0.5), { size: 'large' })[2]).to.contain('░░░');
    const unreadable = faded(READABLE_CONTRAST / 2);
    expect(readFrame(unreadable)).to.equal('');
    for (const size of ['small', 'large'] as const) {
      for (const ascii of [true, false]) {
        const options = { size, ascii };
        expect(drawLcd(unreadable, options)).to.deep.equal(drawLcd(DARK, options));
      }
    }
  });

  it('draws the paler in colour the less contrast there is', () => {
    const inkOf = (contrast: number) => {
      const [line = ''] = drawLcd({ ...showing('8'), contrast }, { colour: true }).slice(2);
      return Number(line.split('38;5;')[1]?.split(';')[0]);
    };
    const inks = [1, 0.8, 0.6, 0.4, 0.2, 0].map(inkOf);
    expect(inks).to.deep.equal([...inks].sort((one, other) => one - other));
    expect(new Set(inks).size).to.equal(6);
  });

  it('turns everything when it is held upside down', () => {
    const rotated: Frame = { ...showing('287345'), rotated: true, icons: ['battery'] };
    expect(drawLcd(rotated)).to.deep.equal([
      '╭────────────────────────────────────╮',
      '│     ┏━╸ ╻   ┏━╸ ╻   ┏━┓ ╺━┓     ▪▪ │',
      '│     ┗━┓ ┣━┓ ┣━╸ ┃   ┣━┫ ┏━┛     ▪▪ │',
      '│     ╺━┛ ╹ ╹ ┗━╸ ┗━╸ ┗━┛ ┗━╸        │',
      '╰─ battery ──────────────────────────╯',
    ]);
    const turned = drawLcd(rotated, { size: 'large' }).slice(1, -1);
    const upright = drawLcd(showing('287345'), { size: 'large' }).slice(1, -1);
    const button = (line: string) => line.includes('╭──╮');
    expect(upright.filter(button).map((line) => line.indexOf('╭──╮'))).to.deep.equal([74]);
    expect(turned.filter(button).map((line) => line.indexOf('╭──╮'))).to.deep.equal([2]);
  });

  for (const options of OPTIONS) {
    const { size, colour, ascii } = options;
    const kind = `${size}${colour ? ', in colour' : ''}${ascii ? ', in ASCII' : ''}`;

    it(`is one rectangle that fits a terminal: ${kind}`, () => {
      const frames = [DARK, showing('12345678', 6), showing('123456', 0, 0)];
      const changes: Partial<Frame>[] = [
        {},
        { rotated: true },
        { contrast: 0.5, icons: ['battery', 'lock'] },
        { contrast: 0, rotated: true, icons: ['lock'] },
      ];
      for (const frame of frames.flatMap((each) => changes.map((by) => ({ ...each, ...by })))) {
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
      const draw = ([text, marks]: [string, number], changes: Partial<Frame>) =>
        drawLcd({ ...showing(text, marks), ...changes }, options).join('\n');
      const anyChanges = fc.constantFrom<Partial<Frame>>({}, { rotated: true }, { contrast: 0.5 });
      fc.assert(
        fc.property(frames, frames, anyChanges, (one, other, changes) => {
          const same = one[0] === other[0] && one[1] === other[1];
          expect(draw(one, changes) === draw(other, changes)).to.equal(same);
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
