import { expect } from 'chai';
import { step } from '../../../emulator/device/step.ts';
import type { Device } from '../../../emulator/device/types.ts';
import { TRANSITIONS, type Transition } from '../../../firmware-spec/transitions.ts';
import { EVENTS, STATES, type State } from '../../../firmware-spec/vocabulary.ts';
import { ENV } from './devices.ts';
import { playAll, TRACES } from './traces.ts';

/** A table that notes which of its rows were taken: only those are asked where they lead. */
function watched(taken: Set<Transition>): readonly Transition[] {
  return TRANSITIONS.map((row) => ({
    ...row,
    get to() {
      taken.add(row);
      return row.to;
    },
  }));
}

const REFUSED = STATES.flatMap((state) =>
  EVENTS.filter(
    (event) => !TRANSITIONS.some((row) => row.from === state && row.event === event),
  ).map((event) => ({ state, event })),
);

describe('emulator/device, coverage of the transition table', () => {
  const taken = new Set<Transition>();
  const env = { ...ENV, transitions: watched(taken) };
  const seen = new Map<State, Device>();
  let refused = 0;

  before(() => {
    for (const trace of TRACES) {
      for (const { shown, device } of playAll(trace, env)) {
        if (shown.state === device.state.state) seen.set(shown.state, device);
      }
    }
  });

  after(() => {
    const states = `${seen.size} of ${STATES.length} states`;
    const rows = `${taken.size} of ${TRANSITIONS.length} rows`;
    const pairs = `${refused} of ${REFUSED.length} refused pairs`;
    console.log(`\n  device: ${states}, ${rows}, ${pairs}`);
  });

  it('the traces visit every state (FS-4)', () => {
    expect([...seen.keys()]).to.have.members([...STATES]);
  });

  it('the traces take every row (FS-5)', () => {
    const missed = TRANSITIONS.filter((row) => !taken.has(row));
    expect(missed.map(({ from, event, guards }) => ({ from, event, guards }))).to.deep.equal([]);
  });

  for (const { state, event } of REFUSED) {
    it(`${event} in ${state} changes nothing (FS-6)`, () => {
      const device = seen.get(state);
      if (device === undefined) throw new Error(`no trace leaves a device ${state}`);
      const { asOf } = device.state;
      const happening = { event, at: asOf, deviceTime: asOf, digit: '1' };
      expect(step(device, happening, ENV)).to.deep.equal({ device, effects: [] });
      refused += 1;
    });
  }
});
