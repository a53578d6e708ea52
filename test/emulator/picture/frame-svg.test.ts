import { expect } from 'chai';
import fc from 'fast-check';
import type { PNG } from 'pngjs';
import { READABLE_CONTRAST, readFrame } from '../../../emulator/device/lcd.ts';
import type { Frame } from '../../../emulator/device/types.ts';
import { COLOURS, SCHEMES, type Scheme } from '../../../emulator/picture/colours.ts';
import { BEZEL, drawFrameSvg, inkShare } from '../../../emulator/picture/frame-svg.ts';
import { type LcdPlan, partsOf, planLcd } from '../../../emulator/picture/lcd-plan.ts';
import type { Point } from '../../../emulator/picture/markup.ts';
import { renderPng } from '../../../emulator/picture/render-png.ts';
import { GLYPHS, SEGMENTS } from '../../../firmware-spec/display.ts';
import { ICONS, type Icon } from '../../../firmware-spec/vocabulary.ts';
import { DARK, frameOf } from './frames.ts';
import { compareWithGolden, decodePng } from './golden.ts';

const SCALE = 2;
/** An eye that decides between off and on; frames nearer to its threshold are not drawn here. */
const DOUBTFUL = 0.04;

const cell = fc.oneof(fc.constantFrom(...GLYPHS.values()), fc.integer({ min: 0, max: 127 }));
const contrast = fc
  .double({ min: 0, max: 1, noNaN: true })
  .filter((value) => Math.abs(value - READABLE_CONTRAST) > DOUBTFUL);
const anyFrame: fc.Arbitrary<Frame> = fc
  .record({
    lit: fc.boolean(),
    cells: fc.array(cell, { minLength: 1, maxLength: 8 }),
    marksMax: fc.integer({ min: 0, max: 12 }),
    marks: fc.integer({ min: 0, max: 12 }),
    icons: fc.subarray([...ICONS]),
    contrast,
    rotated: fc.boolean(),
  })
  .map((frame) => ({ ...frame, marks: Math.min(frame.marks, frame.marksMax) }));

/** What a camera sees of an LCD that it knows: ink where a segment's middle is dark enough. */
function photograph(png: PNG, plan: LcdPlan, frame: Frame, scheme: Scheme) {
  const leastInk = inkShare({ lit: true, contrast: READABLE_CONTRAST });
  const isOn = ({ x, y }: Point): boolean => {
    const seen = frame.rotated ? { x: plan.width - x, y: plan.height - y } : { x, y };
    const at = 4 * (pixel(seen.y) * png.width + pixel(seen.x));
    const [off, on] = [COLOURS[scheme].ghost, COLOURS[scheme].ink].map((colour) =>
      Number.parseInt(colour.slice(3, 5), 16),
    );
    const green = png.data[at + 1] ?? 0;
    return ((off ?? 0) - green) / ((off ?? 0) - (on ?? 0)) >= leastInk;
  };
  const pixel = (units: number): number => Math.floor((units + BEZEL) * SCALE);
  const places = Array.from({ length: frame.marksMax }, (_, place) => place);
  return {
    cells: frame.cells.map((_, at) =>
      SEGMENTS.reduce(
        (mask, segment, bit) => (isOn(plan.segmentCentre(at, segment)) ? mask | (1 << bit) : mask),
        0,
      ),
    ),
    marks: places.filter((place) => isOn(plan.markCentre(place))).length,
    icons: ICONS.filter((icon) => isOn(plan.iconCentre(icon))),
  };
}

describe('emulator/picture/frame-svg', function () {
  this.timeout(60_000);

  it('shows what the frame says: what is read off the pixels is read off the frame', async () => {
    await fc.assert(
      fc.asyncProperty(anyFrame, fc.constantFrom(...SCHEMES), async (frame, scheme) => {
        const png = decodePng(await renderPng(drawFrameSvg(frame, { scheme }), { scale: SCALE }));
        const plan = planLcd(partsOf(frame, ICONS));
        const seen = photograph(png, plan, frame, scheme);
        expect(readFrame({ ...frame, ...seen, lit: true, contrast: 1 })).to.equal(readFrame(frame));
        const visible = frame.lit && frame.contrast >= READABLE_CONTRAST;
        expect(seen).to.deep.equal({
          cells: visible ? frame.cells : frame.cells.map(() => 0),
          marks: visible ? frame.marks : 0,
          icons: visible ? frame.icons : [],
        });
      }),
      { numRuns: 60 },
    );
  });

  it('keeps everything on the glass, and every segment apart from the others', () => {
    fc.assert(
      fc.property(anyFrame, (frame) => {
        const plan = planLcd(partsOf(frame, ICONS));
        const outlines = [
          ...frame.cells.flatMap((_, at) => SEGMENTS.map((segment) => plan.segment(at, segment))),
          ...Array.from({ length: frame.marksMax }, (_, place) => plan.mark(place)),
        ];
        expect(new Set(outlines).size).to.equal(outlines.length);
        for (const outline of outlines) {
          for (const [, x, y] of outline.matchAll(/(-?[\d.]+) (-?[\d.]+)/g)) {
            expect(Number(x)).to.be.within(0, plan.width);
            expect(Number(y)).to.be.within(0, plan.height);
          }
        }
      }),
    );
  });

  const SHOWN: Readonly<Record<string, Frame>> = {
    code: frameOf('287345'),
    dark: DARK,
    'battery-low': frameOf('bAtt', { icons: ['battery'], marks: 0 }),
    locked: frameOf('1837465', { icons: ['lock'], marks: 0 }),
    erased: frameOf('88888888', { marks: 6, icons: ['battery', 'lock'] }),
    'seed-corrupt': frameOf('------', { marks: 0 }),
    faded: frameOf('287345', { contrast: 0.4 }),
    rotated: frameOf('287345', { rotated: true, icons: ['battery'] }),
    'without-marks': frameOf('90714', { marks: 0, marksMax: 0 }),
  };
  for (const scheme of SCHEMES) {
    for (const [name, frame] of Object.entries(SHOWN)) {
      it(`looks as it did: ${name}, ${scheme}`, async () => {
        const png = await renderPng(drawFrameSvg(frame, { scheme }), { scale: 1 });
        await compareWithGolden(`lcd-${name}-${scheme}`, png);
      });
    }
  }

  it('says in its title what is read, escaped', () => {
    const titleOf = (svg: string) => /<title>(.*?)<\/title>/s.exec(svg)?.[1];
    expect(titleOf(drawFrameSvg(frameOf('287345')))).to.equal(
      'The display shows 287345, 4 of 6 marks',
    );
    expect(titleOf(drawFrameSvg(frameOf('bAtt', { marksMax: 0, icons: ['battery'] })))).to.equal(
      'The display shows bAtt, with the battery sign',
    );
    expect(titleOf(drawFrameSvg(DARK))).to.equal('The display is dark');
    const faint = frameOf('287345', { contrast: READABLE_CONTRAST / 2 });
    expect(titleOf(drawFrameSvg(faint)))
      .to.contain('cannot be read')
      .and.not.contain('287345');
    const title = '</title><script>alert("1")</script>\u0000&';
    expect(drawFrameSvg(DARK, { title })).to.contain(
      '<title>&lt;/title&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;\ufffd&amp;</title>',
    );
  });

  it('leaves room only for the icons that an LCD has', () => {
    const widthOf = (icons: readonly Icon[]) => planLcd(partsOf(DARK, icons)).width;
    expect(widthOf([])).to.be.lessThan(widthOf(['battery']));
    expect(widthOf(['battery', 'lock'])).to.equal(widthOf(['battery']));
  });

  it('may stand on a page many times: no ids, styles, fonts, scripts or addresses', () => {
    fc.assert(
      fc.property(anyFrame, fc.constantFrom(...SCHEMES), (frame, scheme) => {
        const svg = drawFrameSvg(frame, { scheme });
        expect(svg).to.match(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" role="img" /);
        expect(svg).not.to.match(/\s(id|class|style|font-family|on\w+|href)=|<text|<style|url\(/);
        // A colour such as #d4e7c0 is no number with an exponent.
        const numbers = svg.replaceAll(/#[0-9a-f]{6}\b/gi, '');
        expect(numbers).not.to.match(/NaN|Infinity|undefined|[\d.]e-?\d/);
      }),
    );
  });
});
