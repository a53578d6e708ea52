import { expect } from 'chai';
import type { DeviceEnv } from '../../../emulator/device/types.ts';
import { TRANSITIONS, type Transition } from '../../../firmware-spec/transitions.ts';
import { ENV } from './devices.ts';
import { expected, play, playAll, TRACES } from './traces.ts';

describe('emulator/device, traces of the specification', () => {
  for (const trace of TRACES) {
    it(`${trace.name} (${trace.rules.join(', ')})`, () => {
      expect(play(trace, ENV)).to.deep.equal(expected(trace));
    });
  }

  // The table is data: a device that interprets another table is another device.
  const lives = TRACES.map((trace) => JSON.stringify(playAll(trace, ENV)));
  const isNoticed = (transitions: readonly Transition[]): boolean => {
    const env: DeviceEnv = { ...ENV, transitions };
    return TRACES.some((trace, index) => JSON.stringify(playAll(trace, env)) !== lives[index]);
  };

  for (const row of TRANSITIONS) {
    const name = `"${row.from}, ${row.event}, ${row.guards.join(' and ') || 'always'}"`;

    it(`some trace notices that ${name} is missing (FS-5)`, () => {
      // What is ignored is ignored without a row too.
      const isIdle = row.effects.length === 0 && row.from === row.to;
      expect(isNoticed(TRANSITIONS.filter((other) => other !== row))).to.equal(!isIdle);
    });

    for (const effect of row.effects) {
      it(`some trace notices a lost ${effect} on ${name} (FS-5)`, () => {
        const without = { ...row, effects: row.effects.filter((one) => one !== effect) };
        const lost = TRANSITIONS.map((other) => (other === row ? without : other));
        expect(isNoticed(lost)).to.equal(true);
      });
    }
  }
});
