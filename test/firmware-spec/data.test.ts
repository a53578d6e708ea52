import { expect } from 'chai';
import { readCells, segmentsOf } from '../../emulator/device/lcd.ts';
import { GLYPHS, TEXTS } from '../../firmware-spec/display.ts';
import { PROFILES } from '../../firmware-spec/profiles/profiles.ts';
import { TRANSITIONS, type Transition } from '../../firmware-spec/transitions.ts';
import {
  type DeviceEvent,
  EFFECTS,
  EVENTS,
  GUARDS,
  type Guard,
  PROFILE_NAMES,
  type SecondPress,
  STATES,
  type State,
} from '../../firmware-spec/vocabulary.ts';
import { parseSerial } from '../../shared/types.ts';

const SECOND_PRESS_GUARDS: Readonly<Record<SecondPress, Guard>> = {
  darkens: 'pressDarkens',
  ignored: 'pressIgnored',
  showsNext: 'pressShowsNext',
};

/** Rows that ask for exactly these facts. */
function rowsFor(state: State, event: DeviceEvent, guards: readonly Guard[]) {
  return TRANSITIONS.filter(
    (row) => row.from === state && row.event === event && row.guards.join() === guards.join(),
  );
}

/** Does a row fit wherever a later one would? Then that one is never taken. */
function hides(guards: readonly Guard[], later: Transition): boolean {
  return guards.every((guard) => later.guards.includes(guard));
}

describe('firmware-spec/transitions', () => {
  it('has no row behind one that always fits (FS-28)', () => {
    for (const row of TRANSITIONS) {
      const same = TRANSITIONS.filter(
        ({ from, event }) => from === row.from && event === row.event,
      );
      const hidden = same.slice(0, same.indexOf(row)).filter(({ guards }) => hides(guards, row));
      expect(hidden, `${row.from}, ${row.event}, ${row.guards.join()}`).to.deep.equal([]);
    }
  });

  for (const profile of Object.values(PROFILES)) {
    const { type, secondPress } = profile;

    it(`answers a press of a ${profile.name} in the dark, and a second press (FS-5)`, () => {
      const inTheDark = rowsFor('asleep', 'press', [type === 'time' ? 'timeToken' : 'eventToken']);
      expect(inTheDark).to.have.length(1);
      const second = rowsFor('showing', 'press', [SECOND_PRESS_GUARDS[secondPress]]);
      expect(second).to.have.length(1);
    });
  }

  it('lets nothing come back from an end, and the dead do nothing (FS-52, FS-55)', () => {
    const gravity: readonly State[] = ['disabled', 'erased', 'dead'];
    for (const { from, to } of TRANSITIONS) {
      if (from === 'expired') expect(to).to.equal('dead');
      if (gravity.includes(from)) {
        expect(gravity.indexOf(to)).to.be.greaterThan(gravity.indexOf(from));
      }
      expect(from).not.to.equal('dead');
    }
  });

  it('puts the gravest first (FS-28)', () => {
    const order = TRANSITIONS.filter(({ from, event }) => from === 'asleep' && event === 'press');
    expect(order.map(({ guards }) => guards[0])).to.deep.equal([
      'hasErr',
      'brownsOut',
      'brownsOut',
      'isLocked',
      'pinWanted',
      'cellLow',
      'timeToken',
      'eventToken',
    ]);
  });

  it('uses every word of the vocabulary', () => {
    const used = (pick: (row: (typeof TRANSITIONS)[number]) => readonly string[]) => [
      ...new Set(TRANSITIONS.flatMap(pick)),
    ];
    expect(used(({ from, to }) => [from, to])).to.have.members([...STATES]);
    expect(used(({ event }) => [event])).to.have.members([...EVENTS]);
    expect(used(({ guards }) => guards)).to.have.members([...GUARDS]);
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

describe('firmware-spec/display, texts', () => {
  const texts = [
    ...Object.values(TEXTS),
    ...Object.values(PROFILES).flatMap(({ messages }) => Object.values(messages)),
  ].filter((text) => text !== 'challenge');

  for (const text of new Set(texts)) {
    it(`"${text}" is read as it was written (FS-22)`, () => {
      expect(readCells(segmentsOf(text, 8))).to.equal(text);
    });
  }
});

describe('firmware-spec/profiles', () => {
  it('has every name once', () => {
    expect(Object.values(PROFILES).map(({ name }) => name)).to.deep.equal([...PROFILE_NAMES]);
  });

  for (const profile of Object.values(PROFILES)) {
    it(`${profile.name} can be built (FS-98)`, () => {
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
