import { expect } from 'chai';
import { GLYPHS } from '../../firmware-spec/display.ts';
import type { Profile } from '../../firmware-spec/profiles/profile.ts';
import { PROFILES } from '../../firmware-spec/profiles/profiles.ts';
import { TRANSITIONS } from '../../firmware-spec/transitions.ts';
import {
  EFFECTS,
  EVENTS,
  GUARDS,
  type Guard,
  PROFILE_NAMES,
  type SecondPress,
  STATES,
} from '../../firmware-spec/vocabulary.ts';
import { parseSerial } from '../../shared/types.ts';

const SECOND_PRESS_GUARDS: Readonly<Record<SecondPress, Guard>> = {
  darkens: 'pressDarkens',
  ignored: 'pressIgnored',
  showsNext: 'pressShowsNext',
};

/** What a guard says of a profile, written down a second time. */
function holds(guard: Guard, profile: Profile): boolean {
  const facts = new Set<Guard>([
    'always',
    profile.type === 'time' ? 'timeToken' : 'eventToken',
    SECOND_PRESS_GUARDS[profile.secondPress],
  ]);
  return facts.has(guard);
}

describe('firmware-spec/transitions', () => {
  for (const profile of Object.values(PROFILES)) {
    for (const state of STATES) {
      for (const event of EVENTS) {
        it(`has at most one row for a ${profile.name} ${state} on ${event} (FS-6)`, () => {
          const rows = TRANSITIONS.filter(
            (row) => row.from === state && row.event === event && holds(row.guard, profile),
          );
          expect(rows).to.have.length.at.most(1);
          if (event === 'press') expect(rows, 'a press always has an answer').to.have.length(1);
        });
      }
    }
  }

  it('uses every word of the vocabulary', () => {
    const used = (pick: (row: (typeof TRANSITIONS)[number]) => readonly string[]) => [
      ...new Set(TRANSITIONS.flatMap(pick)),
    ];
    expect(used(({ from, to }) => [from, to])).to.have.members([...STATES]);
    expect(used(({ event }) => [event])).to.have.members([...EVENTS]);
    expect(used(({ guard }) => [guard])).to.have.members([...GUARDS]);
    expect(used(({ effects }) => effects)).to.have.members([...EFFECTS]);
  });
});

describe('firmware-spec/display', () => {
  it('gives every sign its own segments, but for 5 and S', () => {
    const signs = new Map<number, string>();
    for (const [sign, mask] of GLYPHS) signs.set(mask, (signs.get(mask) ?? '') + sign);
    expect([...signs.values()].filter((same) => same.length > 1)).to.deep.equal(['5S']);
  });

  it('has every digit and the signs of real messages', () => {
    for (const sign of '0123456789Err bAtt ------ 88888888 diSAbLEd FAIL LoSt OPEn') {
      expect([...GLYPHS.keys()].map((glyph) => glyph.toLowerCase())).to.include(sign.toLowerCase());
    }
    for (const sign of 'ErbAtdiSaLoP -') expect(GLYPHS.has(sign), sign).to.equal(true);
  });
});

describe('firmware-spec/profiles', () => {
  it('has every name once', () => {
    expect(Object.values(PROFILES).map(({ name }) => name)).to.deep.equal([...PROFILE_NAMES]);
  });

  for (const profile of Object.values(PROFILES)) {
    it(`${profile.name} can be built`, () => {
      const { type, digits, stepSeconds, display, crystal, serialPrefix } = profile;
      expect(display.cells).to.be.at.least(8, 'an import may have 8 digits');
      expect(display.cells).to.be.at.least(digits);
      expect(display.countdownMarks).to.be.within(0, 6);
      expect(stepSeconds !== undefined).to.equal(type === 'time');
      expect(crystal.trimPpm).to.be.below(crystal.trimPpmMax);
      expect(parseSerial(`${serialPrefix}01234567`)).to.equal(`${serialPrefix}01234567`);
    });
  }

  it('can tell a model from its serial', () => {
    const prefixes = Object.values(PROFILES).map(({ serialPrefix }) => serialPrefix);
    for (const one of prefixes) {
      expect(prefixes.filter((other) => other.startsWith(one))).to.deep.equal([one]);
    }
  });
});
