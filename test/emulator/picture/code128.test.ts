import { expect } from 'chai';
import fc from 'fast-check';
import type { PNG } from 'pngjs';
import { code128 } from '../../../emulator/picture/code128.ts';
import { drawFobSvg } from '../../../emulator/picture/fob-svg.ts';
import { renderPng } from '../../../emulator/picture/render-png.ts';
import { PROFILES } from '../../../firmware-spec/profiles/profiles.ts';
import { DARK, readingOf, serialOf } from './frames.ts';
import { decodePng } from './golden.ts';

const serialText = fc.stringMatching(/^[A-Z0-9][A-Z0-9._-]{0,63}$/);
const shortSerial = fc.stringMatching(/^[A-Z0-9][A-Z0-9._-]{0,19}$/);

/** What is dark of a code, module by module, as ones and noughts. */
function modulesOf(text: string): string {
  const { bars, modules } = code128(text);
  const row = new Array<string>(modules).fill('0');
  for (const { from, modules: wide } of bars) row.fill('1', from, from + wide);
  return row.join('');
}

// A reader of its own: symbols are looked up as rows of modules, not as widths, and their values
// follow from the bars of codes that the standard gives as examples.

const SYMBOL_MODULES = 11;
const STOP = '1100011101011';

/** Symbol values by their modules, learnt from what code set B writes for one sign each. */
function learntTable(): Map<string, number> {
  const table = new Map<string, number>();
  for (let value = 0; value < 95; value += 1) {
    const sign = String.fromCharCode(value + 32);
    // Signs alone keep code set B: start, sign, check, stop.
    table.set(modulesOf(sign).slice(SYMBOL_MODULES, 2 * SYMBOL_MODULES), value);
  }
  const checkOf = (text: string) => modulesOf(text).slice(-STOP.length - SYMBOL_MODULES);
  // A check symbol of 95 to 102: 104 + 1 a + 2 b modulo 103 runs over all values.
  for (let first = 0; first < 95; first += 1) {
    const value = (104 + first + 2 * 30) % 103;
    const text = String.fromCharCode(first + 32) + String.fromCharCode(30 + 32);
    table.set(checkOf(text).slice(0, SYMBOL_MODULES), value);
  }
  table.set('11010010000', 104);
  table.set('11010011100', 105);
  return table;
}

const TABLE = learntTable();

function readModules(row: string): string {
  expect(row.slice(-STOP.length)).to.equal(STOP);
  const symbols = row.slice(0, -STOP.length).match(/.{11}/g) ?? [];
  const values = symbols.map((symbol) => TABLE.get(symbol) ?? Number.NaN);
  const check = values.pop();
  const sum = values.reduce((total, value, place) => total + value * Math.max(1, place), 0);
  expect(check, 'check symbol').to.equal(sum % 103);
  let inPairs = values.shift() === 105;
  let text = '';
  for (const value of values) {
    if (inPairs && value === 100) inPairs = false;
    else if (!inPairs && value === 99) inPairs = true;
    else text += inPairs ? String(value).padStart(2, '0') : String.fromCharCode(value + 32);
  }
  return text;
}

/** The row of a picture that the bars cross, as modules: dark and light between the quiet zones. */
function scan(png: PNG, y: number, pixelsAModule: number): string {
  let row = '';
  for (let x = 0; x < png.width; x += 1) {
    row += (png.data[4 * (y * png.width + x)] ?? 0) < 128 ? '1' : '0';
  }
  const [, inked = ''] = /0{20,}(1(?:(?!0{20})[01])*1)0{20,}/.exec(row) ?? [];
  let modules = '';
  for (let x = Math.floor(pixelsAModule / 2); x < inked.length; x += pixelsAModule) {
    modules += inked.charAt(x);
  }
  return modules;
}

describe('emulator/picture/code128', () => {
  it('writes the example that everybody prints', () => {
    // "Wikipedia" in code set B, as the encyclopaedia of that name shows it.
    expect(modulesOf('Wikipedia')).to.equal(
      '11010010000' +
        '11101000110' +
        '10000110100' +
        '11000010010' +
        '10000110100' +
        '10100111100' +
        '10110010000' +
        '10000100110' +
        '10000110100' +
        '10010110000' +
        '11110010010' +
        '1100011101011',
    );
  });

  it('has 103 symbols of three bars and eleven modules, no two alike', () => {
    expect(TABLE.size).to.equal(105);
    expect(new Set(TABLE.values()).size).to.equal(105);
    for (const symbol of TABLE.keys()) {
      expect(symbol)
        .to.match(/^1+0+1+0+1+0+$/)
        .and.have.length(SYMBOL_MODULES);
      // ISO/IEC 15417: the bars of a symbol are an even number of modules.
      expect([...symbol].filter((module) => module === '1').length % 2).to.equal(0);
    }
  });

  it('is read back, whatever the serial', () => {
    fc.assert(
      fc.property(serialText, (text) => {
        expect(readModules(modulesOf(text))).to.equal(text);
      }),
      { numRuns: 500 },
    );
  });

  it('writes runs of digits in pairs', () => {
    expect(code128('12345678').modules).to.equal(SYMBOL_MODULES * 6 + STOP.length);
    expect(code128('C30-12345678').modules).to.equal(SYMBOL_MODULES * 11 + STOP.length);
    expect(code128('A12B').modules).to.equal(SYMBOL_MODULES * 6 + STOP.length);
  });

  it('is read back off the picture of the back', async function () {
    this.timeout(60_000);
    await fc.assert(
      fc.asyncProperty(shortSerial, async (text) => {
        const serial = serialOf(text);
        const svg = drawFobSvg(readingOf(DARK), { serial, profile: PROFILES.c30, side: 'back' });
        const png = decodePng(await renderPng(svg, { scale: 1 }));
        const read = [3, 2, 1].map((pixels) => scan(png, 190, pixels));
        expect(read.filter((row) => row.startsWith('1101001')).map(tryRead)).to.include(text);
      }),
      { numRuns: 25 },
    );
  });
});

function tryRead(row: string): string | undefined {
  try {
    return readModules(row);
  } catch {
    return undefined;
  }
}
