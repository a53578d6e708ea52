import { expect } from 'chai';
import { dateTicks, niceTicks } from '../../../emulator/picture/chart-ticks.ts';
import { drawLifeSvg, type LifePoint } from '../../../emulator/picture/life-svg.ts';
import type { UnixMillis } from '../../../shared/types.ts';

const START = Date.UTC(2022, 5, 15);
const DAY = 86_400_000;

function points(days: number, emptyFrom = Number.POSITIVE_INFINITY): LifePoint[] {
  return Array.from({ length: 2 * days + 1 }, (_, half) => ({
    at: (START + (half * DAY) / 2) as UnixMillis,
    volts: 3.2 - half / (4 * days),
    underLoadVolts: 3 - half / (2 * days) - (half % 2) / 10,
    isLow: half >= Math.min(days, emptyFrom),
    isEmpty: half >= emptyFrom,
    offsetMillis: -half * 100,
    presses: half * 5,
  }));
}

const OPTIONS = { heading: 'A & <B>, 2 years', subheading: 'pressed', stepSeconds: 30 };
const coordinates = (svg: string): number[] =>
  [...svg.matchAll(/ d="([^"]*)"/g)].flatMap(([, d = '']) =>
    [...d.matchAll(/-?[\d.]+/g)].map(([number]) => Number(number)),
  );

describe('emulator/picture/life-svg', () => {
  it('draws a life of any length within its frame', () => {
    for (const days of [1, 3, 40, 400, 4000, 18_262]) {
      const svg = drawLifeSvg(points(days), OPTIONS);
      const found = coordinates(svg);
      expect(found.length).to.be.above(10);
      expect(Math.min(...found)).to.be.at.least(0);
      expect(Math.max(...found)).to.be.at.most(960);
      expect(svg).not.to.match(/NaN|Infinity|undefined/);
      expect(svg.length).to.be.below(100_000);
    }
  });

  it('draws a single moment', () => {
    expect(drawLifeSvg(points(1).slice(0, 1), OPTIONS)).not.to.match(/NaN|Infinity/);
  });

  it('says whose life it is, as text that XML can hold', () => {
    const svg = drawLifeSvg(points(30), OPTIONS);
    expect(svg).to.contain('<title>A &amp; &lt;B&gt;, 2 years. pressed</title>');
    expect(svg).not.to.contain('<B>');
  });

  it('marks where the cell was low and empty, and a time token alone has steps', () => {
    const svg = drawLifeSvg(points(700, 1000), OPTIONS);
    expect(svg).to.contain('>first low<').and.contain('>empty<').and.contain('>steps of 30 s<');
    const { stepSeconds: _steps, ...event } = OPTIONS;
    const healthy = drawLifeSvg(
      points(700).map((point) => ({ ...point, isLow: false })),
      event,
    );
    expect(healthy).not.to.match(/>first low<|>empty<|>steps of/);
  });
});

describe('emulator/picture/chart-ticks', () => {
  const labels = (ticks: readonly { readonly label: string }[]) => ticks.map(({ label }) => label);

  it('stand at round values around what is drawn', () => {
    expect(labels(niceTicks(-640, 0))).to.deep.equal(['−800', '−600', '−400', '−200', '0']);
    expect(labels(niceTicks(0, 14_610))).to.deep.equal(['0', '5,000', '10,000', '15,000']);
    expect(labels(niceTicks(0, 0.3))).to.deep.equal(['0.0', '0.1', '0.2', '0.3']);
    expect(niceTicks(0, 0).length).to.be.within(2, 7);
  });

  it('are at most seven, whatever the range', () => {
    for (const width of [1e-6, 0.07, 1, 9, 11, 99, 12_345, 1e9]) {
      for (const min of [-width, 0, width / 3]) {
        const ticks = niceTicks(min, min + width);
        expect(ticks.length).to.be.within(2, 7);
        expect(ticks.at(0)?.value).to.be.at.most(min + width * 1e-6);
        expect(ticks.at(-1)?.value).to.be.at.least(min + width * (1 - 1e-6));
      }
    }
  });

  it('stand at years, months or days', () => {
    expect(labels(dateTicks(START, START + 1461 * DAY))).to.include('2023-01');
    expect(labels(dateTicks(START, START + 3000 * DAY))).to.include('2023');
    expect(labels(dateTicks(START, START + 5 * DAY))).to.include('06-17');
    for (const days of [1, 5, 30, 200, 800, 5000, 18_262]) {
      expect(dateTicks(START, START + days * DAY).length).to.be.within(1, 9);
    }
  });
});
