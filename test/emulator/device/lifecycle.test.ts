import { expect } from 'chai';
import { TRANSITIONS } from '../../../firmware-spec/transitions.ts';
import { ENV } from './devices.ts';
import { expected, play, TRACES } from './traces.ts';

describe('emulator/device, traces of the specification', () => {
  for (const trace of TRACES) {
    it(`${trace.name} (${trace.rules.join(', ')})`, () => {
      expect(play(trace, ENV)).to.deep.equal(expected(trace));
    });
  }

  // The table is data: a device that interprets another table is another device.
  for (const row of TRANSITIONS) {
    it(`some trace notices that "${row.from}, ${row.event}, ${row.guard}" is missing`, () => {
      const transitions = TRANSITIONS.filter((other) => other !== row);
      // A row that does nothing cannot be missed.
      const noticed = TRACES.some((trace) => differs(trace, transitions));
      expect(noticed).to.equal(row.effects.length > 0);
    });

    for (const effect of row.effects) {
      it(`some trace notices a lost ${effect} on "${row.from}, ${row.event}, ${row.guard}"`, () => {
        const transitions = TRANSITIONS.map((other) =>
          other === row ? { ...row, effects: row.effects.filter((one) => one !== effect) } : other,
        );
        expect(TRACES.some((trace) => differs(trace, transitions))).to.equal(true);
      });
    }
  }
});

function differs(trace: (typeof TRACES)[number], transitions: typeof TRANSITIONS): boolean {
  return JSON.stringify(play(trace, { ...ENV, transitions })) !== JSON.stringify(expected(trace));
}
