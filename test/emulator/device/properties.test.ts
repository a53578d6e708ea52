import { expect } from 'chai';
import fc from 'fast-check';
import { deviceTimeAt } from '../../../emulator/device/crystal.ts';
import { advance, press, read } from '../../../emulator/device/device.ts';
import { READABLE_CONTRAST } from '../../../emulator/device/lcd.ts';
import type { Device, Reading } from '../../../emulator/device/types.ts';
import type { FaultName, State } from '../../../firmware-spec/vocabulary.ts';
import type { UnixMillis } from '../../../shared/types.ts';
import { ENV } from './devices.ts';
import { anyDoings, devices, live, MADE, type Seen, soundDoings } from './lives.ts';

/** Of any faults and events; 10,000 runs. */
const RUNS_ANY = 10_000;
const RUNS_SOUND = 500;

const check = <T>(arbitrary: fc.Arbitrary<T>, numRuns: number, holds: (value: T) => void) =>
  fc.assert(fc.property(arbitrary, holds), { numRuns });

/** Faults that change what is seen of a code; a weak cell loses segments too. */
const OF_THE_DISPLAY: ReadonlySet<FaultName> = new Set([
  'segmentStuckOn',
  'segmentStuckOff',
  'garbled',
  'faded',
  'rotated',
  'batteryWeak',
]);
/** The end that each state may still come to; no other state leads back. */
const GRAVITY: readonly State[] = ['expired', 'disabled', 'erased', 'dead'];

describe('emulator/device, whatever happens to it', () => {
  it('nothing throws, time, charge and counter keep their way, and an end is an end', () => {
    check(fc.tuple(devices, anyDoings), RUNS_ANY, ([made, doings]) =>
      live(made, doings, (seen) => {
        keepsItsWay(seen);
        staysEnded(seen);
        showsOnlyItsOwnCodes(seen.after, read(seen.after, seen.now, ENV), seen.now);
      }),
    );
  });

  it('a lit time token shows the code of floor(device time / step), read off the segments', () => {
    check(fc.tuple(devices, soundDoings), RUNS_SOUND, ([made, doings]) =>
      live(made, doings, ({ after, now }) => {
        const { parameters, seed } = after;
        const { code, display, frame, state } = read(after, now, ENV);
        expect(code !== null).to.equal(state === 'showing');
        if (code === null) return;
        expect(display).to.equal(frame.contrast < READABLE_CONTRAST ? '' : code);
        if (parameters.type === 'event') return;
        const running = Math.floor(deviceTimeAt(after, now) / (parameters.stepSeconds * 1000));
        expect(code).to.equal(ENV.otp.code(seed, running, parameters));
      }),
    );
  });

  it('a press uses up at most one counter, and nothing else but a message does', () => {
    check(fc.tuple(devices, soundDoings), RUNS_SOUND, ([made, doings]) =>
      live(made, doings, ({ before, after, now, doing }) => {
        const isEvent = after.parameters.type === 'event';
        const used = after.state.counter - before.state.counter;
        expect(used).to.be.within(0, isEvent ? 2 : 0);
        const warned = before.state.state === 'lowBattery';
        if (doing.what !== 'press') expect(used).to.be.at.most(warned ? 1 : 0);
        if (used === 0 || after.state.state !== 'showing' || doing.what !== 'press') return;
        // What shows is the code of the counter before.
        const last = Math.min(after.state.counter, Number.MAX_SAFE_INTEGER) - 1;
        expect(read(after, now, ENV).code).to.equal(
          ENV.otp.code(after.seed, after.state.shownFactor ?? -1, after.parameters),
        );
        expect(after.state.shownFactor).to.be.within(last, last + 1);
      }),
    );
  });

  it('what shows stays for remainingMillis and then changes (FS-77)', () => {
    check(fc.tuple(devices, soundDoings), RUNS_SOUND, ([made, doings]) =>
      live(made, doings, ({ after, now }) => {
        const { remainingMillis } = read(after, now, ENV);
        // At an earlier time than the device has seen, what follows is not ahead of it.
        if (remainingMillis === null || now < after.state.asOf) return;
        const pictureAt = (millis: number) => {
          const then = advance(after, Math.max(now, now + millis) as UnixMillis, ENV);
          const { state, display, code } = read(then, then.state.asOf, ENV);
          return { state, display, code, factor: then.state.shownFactor };
        };
        // A millisecond or two of tolerance for a crystal's fractions.
        expect(pictureAt(remainingMillis + 2)).not.to.deep.equal(pictureAt(0));
        expect(pictureAt(remainingMillis - 2)).to.deep.equal(pictureAt(0));
      }),
    );
  });

  it('shows the same however often it was looked at meanwhile', () => {
    const looks = fc.array(fc.nat(60_000), { maxLength: 20 });
    check(fc.tuple(devices, looks, fc.nat(60_000)), RUNS_SOUND, ([made, times, last]) => {
      const lit = press({ ...made, mode: 'live' }, MADE, ENV);
      const ascending = times.filter((time) => time <= last).sort((a, b) => a - b);
      const looked = ascending.reduce(
        (device, time) => advance(device, (MADE + time) as UnixMillis, ENV),
        lit,
      );
      const then = (MADE + last) as UnixMillis;
      expect(read(looked, then, ENV)).to.deep.equal(read(lit, then, ENV));
    });
  });

  it('survives being written as JSON and read back', () => {
    check(fc.tuple(devices, anyDoings), RUNS_SOUND, ([made, doings]) =>
      live(made, doings, ({ after, now }) => {
        const copy = { ...after, ...JSON.parse(JSON.stringify({ ...after, seed: undefined })) };
        expect(read({ ...copy, seed: after.seed }, now, ENV)).to.deep.equal(read(after, now, ENV));
      }),
    );
  });

  it('does the same again, to the bit', () => {
    check(fc.tuple(devices, anyDoings), RUNS_SOUND, ([made, doings]) => {
      const lives = [0, 1].map(() => {
        const states: string[] = [];
        live(made, doings, ({ after }) => states.push(JSON.stringify(after.state)));
        return states;
      });
      expect(lives[1]).to.deep.equal(lives[0]);
    });
  });
});

/** Time never runs back, charge never grows but by a new cell, a counter but by programming. */
function keepsItsWay({ before, after, doing }: Seen): void {
  expect(after.state.asOf).to.be.at.least(before.state.asOf);
  const isNewCell = doing.what === 'inject' && doing.name === 'cellSwap';
  const { chargeMicroampHours } = before.state;
  if (!isNewCell) expect(after.state.chargeMicroampHours).to.be.at.most(chargeMicroampHours);
  if (after.mode === 'live' && !isNewCell) {
    expect(after.state.chargeMicroampHours).to.equal(chargeMicroampHours);
  }
  expect(after.state.counter).to.be.at.least(before.state.counter);
  expect(after.state.presses).to.be.at.least(before.state.presses);
}

function staysEnded({ before, after, now }: Seen): void {
  const { state } = before.state;
  if (!GRAVITY.includes(state)) return;
  expect(GRAVITY.indexOf(after.state.state)).to.be.at.least(GRAVITY.indexOf(state));
  expect(read(after, now, ENV).code).to.equal(null);
  if (state === 'dead') expect(read(after, now, ENV).frame.lit).to.equal(false);
}

/** Without a fault of the display what reads as a code is the seed's own, of a factor it had. */
function showsOnlyItsOwnCodes(device: Device, reading: Reading, now: UnixMillis): void {
  const { code, display, frame, state } = reading;
  expect(frame.lit || display === '').to.equal(true);
  if (state !== 'showing') expect(code).to.equal(null);
  if (device.faults.some(({ name }) => OF_THE_DISPLAY.has(name))) return;
  if (code === null || frame.contrast < READABLE_CONTRAST) {
    if (state === 'showing') expect(display).to.match(/^-*$/);
    return;
  }
  expect(display).to.equal(code);
  const factor = factorThatShows(device, now);
  expect(code).to.equal(ENV.otp.code(device.seed, factor, device.parameters));
}

function factorThatShows(device: Device, now: UnixMillis): number {
  const { parameters, state } = device;
  if (parameters.type === 'time') {
    return Math.floor(deviceTimeAt(device, now) / (parameters.stepSeconds * 1000));
  }
  // At an earlier time than it has seen a device is read, not changed: its message may be over.
  return state.shownFactor ?? state.counter;
}
