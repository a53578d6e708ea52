import { expect } from 'chai';
import fc from 'fast-check';
import type { Frame } from '../../../emulator/device/types.ts';
import { SCHEMES } from '../../../emulator/picture/colours.ts';
import { planFob } from '../../../emulator/picture/fob-plan.ts';
import { drawFobSvg, type FobPictureOptions } from '../../../emulator/picture/fob-svg.ts';
import { renderPng } from '../../../emulator/picture/render-png.ts';
import { PROFILES } from '../../../firmware-spec/profiles/profiles.ts';
import type { ProfileName } from '../../../firmware-spec/vocabulary.ts';
import { DARK, frameOf, readingOf, serialOf } from './frames.ts';
import { compareWithGolden, decodePng, differingShare } from './golden.ts';

const C30: FobPictureOptions = { serial: serialOf('C30-12345678'), profile: PROFILES.c30 };
const P30: FobPictureOptions = { serial: serialOf('P30-00012345'), profile: PROFILES.p30 };
const A60: FobPictureOptions = { serial: serialOf('A60-55500123'), profile: PROFILES.a60 };
const LABELS = { manufacturer: 'Fobtwin emulator', issuer: 'Example Bank' };

const PICTURES: Readonly<Record<string, readonly [Frame, FobPictureOptions]>> = {
  c30: [frameOf('287345'), C30],
  'c30-dark': [DARK, C30],
  'c30-pressed': [frameOf('287345', { marks: 6 }), { ...C30, pressed: 'button' }],
  'c30-rotated': [frameOf('287345', { rotated: true }), C30],
  'c30-faded': [frameOf('287345', { contrast: 0.35, icons: ['battery'] }), C30],
  'c30-back': [DARK, { ...C30, side: 'back', labels: LABELS }],
  p30: [frameOf('FAIL 2', { marks: 0, icons: ['lock'] }), { ...P30, pressed: '5' }],
  'p30-back': [DARK, { ...P30, side: 'back' }],
  a60: [frameOf('440912', { marks: 2 }), A60],
};

describe('emulator/picture/fob-svg', function () {
  this.timeout(60_000);

  for (const scheme of SCHEMES) {
    for (const [name, [frame, options]] of Object.entries(PICTURES)) {
      it(`looks as it did: ${name}, ${scheme}`, async () => {
        const svg = drawFobSvg(readingOf(frame), { ...options, scheme });
        await compareWithGolden(`fob-${name}-${scheme}`, await renderPng(svg, { scale: 0.5 }));
      });
    }
  }

  it('is turned as a whole, but for the light, when it is held upside down', async () => {
    const drawn = async (rotated: boolean) => {
      const svg = drawFobSvg(readingOf(frameOf('287345', { rotated })), C30);
      return decodePng(await renderPng(svg, { scale: 1 }));
    };
    const [upright, rotated] = [await drawn(false), await drawn(true)];
    const turned = decodePng(await renderPng(drawFobSvg(readingOf(DARK), C30), { scale: 1 }));
    upright.data.forEach((_, at) => {
      const from = upright.data.length - 4 * (Math.floor(at / 4) + 1) + (at % 4);
      turned.data[at] = upright.data[from] ?? 0;
    });
    expect(differingShare(turned, rotated)).to.be.lessThan(0.15);
    expect(differingShare(upright, rotated)).to.be.greaterThan(0.25);
  });

  it('says where each key is that a page lays a button over', () => {
    for (const name of Object.keys(PROFILES) as ProfileName[]) {
      const profile = PROFILES[name];
      const { width, height, keys } = planFob(profile);
      const expected = profile.pin ? 12 : profile.alwaysOn ? 0 : 1;
      expect(keys.map(({ key }) => key)).to.have.length(expected);
      expect(new Set(keys.map(({ key }) => key)).size).to.equal(expected);
      for (const { x, y, radius } of keys) {
        expect(x - radius).to.be.greaterThan(0);
        expect(x + radius).to.be.lessThan(width);
        expect(y - radius).to.be.greaterThan(0);
        expect(y + radius).to.be.lessThan(height);
        // A finger's target (WCAG 2.2, 2.5.8) also where the picture is half as large.
        expect(radius).to.be.at.least(24);
      }
      const svg = drawFobSvg(readingOf(DARK), { serial: serialOf('X'), profile });
      expect(svg).to.contain(` viewBox="0 0 ${width} ${height}"`);
      if (keys[0] === undefined) continue;
      const pressed = drawFobSvg(readingOf(DARK), {
        serial: serialOf('X'),
        profile,
        pressed: keys[0].key,
      });
      expect(pressed).not.to.equal(svg);
    }
  });

  it('shows on the back how this token makes codes, whatever its model does', () => {
    const back = (options: Partial<FobPictureOptions>) =>
      drawFobSvg(readingOf(DARK), { ...C30, side: 'back', ...options });
    const own = { type: 'time', algorithm: 'SHA256', digits: 8, stepSeconds: 60 } as const;
    expect(back({ parameters: own })).not.to.equal(back({}));
    expect(back({ labels: LABELS })).not.to.equal(back({}));
    expect(back({})).to.contain('<title>The back of C30-12345678 (');
  });

  it('draws any label as paths, and no seed is asked for', () => {
    const hostile = fc.string({ unit: 'binary', maxLength: 300 });
    fc.assert(
      fc.property(hostile, hostile, (manufacturer, issuer) => {
        const svg = drawFobSvg(readingOf(DARK), {
          ...C30,
          side: 'back',
          labels: { manufacturer, issuer },
        });
        expect(svg).not.to.match(/<(?!\/?(svg|g|path|title)[ >])/);
        expect(svg).not.to.match(/\s(id|class|style|href|on\w+)=|url\(|NaN|Infinity|undefined/);
        expect(svg.length).to.be.lessThan(40_000);
      }),
    );
  });

  it('draws every sign of a serial differently', () => {
    const signs = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-'];
    const drawn = signs.map((sign) =>
      drawFobSvg(readingOf(DARK), {
        ...C30,
        side: 'back',
        title: 'same',
        serial: serialOf(`A${sign}`),
      }).replace(/<path d="M[^"]*" fill="#1c212a"\/>/, ''),
    );
    expect(new Set(drawn).size).to.equal(signs.length);
  });
});
