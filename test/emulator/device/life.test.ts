import { expect } from 'chai';
import { deviceTimeAt } from '../../../emulator/device/crystal.ts';
import { press, pressKey, read } from '../../../emulator/device/device.ts';
import { createPhysique, IDEAL_PHYSIQUE } from '../../../emulator/device/factory.ts';
import {
  isOver,
  type LifeMoment,
  type LifePlan,
  liveThrough,
  movedBack,
} from '../../../emulator/device/life.ts';
import type { Device } from '../../../emulator/device/types.ts';
import { YEAR_MILLIS } from '../../../firmware-spec/physics.ts';
import { PROFILES } from '../../../firmware-spec/profiles/profiles.ts';
import { FobtwinError } from '../../../shared/errors.ts';
import { seededRng } from '../../../shared/rng.ts';
import type { UnixMillis } from '../../../shared/types.ts';
import { LIFE_TABLES, lifeOf, liveDecade, PRESSES_AND_YEARS } from '../../bench/device.ts';
import { at, deviceWith, ENV } from './devices.ts';

const MADE = at('2026-01-01T00:00:00Z');
const later = (millis: number) => Math.round(MADE + millis) as UnixMillis;
const DAY = 86_400_000;

function planOf(changes: Partial<LifePlan> = {}): LifePlan {
  return {
    until: later(30 * DAY),
    pressesPerDay: 10,
    celsius: { min: 20, max: 30 },
    rng: seededRng(1),
    ...changes,
  };
}

function lived(device: Device, plan: LifePlan): LifeMoment[] {
  return [...liveThrough(device, plan, ENV)];
}

function ended(device: Device, plan: LifePlan): LifeMoment {
  const last = lived(device, plan).at(-1);
  if (last === undefined) throw new Error('a life without a moment');
  return last;
}

describe('emulator/device/life', () => {
  for (const { profile, rows } of LIFE_TABLES) {
    for (const [pressesPerDay, years] of rows) {
      it(`lets a ${profile.name} live ${years} years at ${pressesPerDay} presses a day`, () => {
        expect(lifeOf(profile, pressesPerDay).years).to.be.closeTo(years, years * 0.05);
      });
    }
  }

  it('lets an e6 live 4 years for 14,000 presses', () => {
    const { presses, years } = PRESSES_AND_YEARS;
    const fob = lifeOf(PROFILES.e6, presses / years / 365.25);
    expect(fob.years).to.be.closeTo(years, years * 0.05);
    expect(fob.presses).to.be.closeTo(presses, presses * 0.05);
  });

  it('lives a decade the same again from its random seed', function () {
    this.timeout(20_000);
    const [one, again, other] = [liveDecade(5), liveDecade(5), liveDecade(6)];
    expect(one.hash).to.equal(again.hash);
    expect(one.hash).not.to.equal(other.hash);
    expect(one.codes).to.be.within(36_000, 36_525);
  });

  it('presses so often, by day and at moments that are drawn (FS-74)', () => {
    const times: number[] = [];
    const onCode = ({ state }: Device) => times.push(state.pressedAt ?? Number.NaN);
    const { presses, codes, device } = ended(deviceWith({ profile: PROFILES.e6, at: MADE }), {
      ...planOf({ onCode }),
    });
    expect(presses).to.be.within(299, 300);
    expect({ codes, counter: device.state.counter }).to.deep.equal({
      codes: presses,
      counter: presses,
    });
    expect(times.every((time) => time % DAY >= 8 * 3_600_000)).to.equal(true);
    expect(times.every((time) => time % DAY < 20 * 3_600_000)).to.equal(true);
    expect(times.toSorted((one, other) => one - other)).to.deep.equal(times);
    expect(new Set(times.map((time) => time % DAY)).size).to.be.above(290);
  });

  it('is pressed less than once a day too', () => {
    const { presses } = ended(deviceWith({ at: MADE }), planOf({ pressesPerDay: 0.1 }));
    expect(presses).to.equal(3);
  });

  it('is warm in July and by day, and never outside its range (FS-75)', () => {
    const year = planOf({ until: later(YEAR_MILLIS), pressesPerDay: 0 });
    const moments = lived(deviceWith({ at: MADE }), year);
    const mean = (of: (time: Date) => boolean) => {
      const chosen = moments.filter(({ device }) => of(new Date(device.state.asOf - 1)));
      return chosen.reduce((sum, { device }) => sum + device.state.celsius, 0) / chosen.length;
    };
    const inMonth = (month: number) => mean((time) => time.getUTCMonth() === month);
    expect(inMonth(6) - inMonth(0)).to.be.within(4, 6);
    const isDay = (time: Date) => time.getUTCHours() >= 8 && time.getUTCHours() < 20;
    expect(mean(isDay) - mean((time) => !isDay(time))).to.be.within(1.5, 3.5);
    for (const { device } of moments) expect(device.state.celsius).to.be.within(20, 30);
  });

  it('never gains charge nor loses time, and is pressed no more when it is dead (FS-66)', () => {
    const plan = planOf({ until: later(4 * YEAR_MILLIS), pressesPerDay: 40 });
    const physique = createPhysique(PROFILES.c30, seededRng(2), 'worst');
    let before = deviceWith({ at: MADE, physique });
    let dead: LifeMoment | undefined;
    for (const moment of liveThrough(before, plan, ENV)) {
      const { state } = moment.device;
      expect(state.chargeMicroampHours).to.be.at.most(before.state.chargeMicroampHours);
      expect(state.asOf).to.be.above(before.state.asOf);
      if (dead !== undefined) expect(moment.presses).to.equal(dead.presses);
      if (isOver(moment.device)) dead ??= moment;
      before = moment.device;
    }
    expect(dead?.device.state.state).to.equal('dead');
    expect(before.state.asOf).to.equal(plan.until);
    expect(read(press(before, plan.until, ENV), plan.until, ENV).display).to.equal('');
  });

  it('enters the PIN of a token that has one, and waits for a warning to pass', () => {
    const keys = (device: Device, time: UnixMillis) =>
      [...'1234', 'enter' as const].reduce(
        (entered, key) => pressKey(entered, time, key as Parameters<typeof pressKey>[2], ENV),
        press(device, time, ENV),
      );
    const withPin = keys(deviceWith({ profile: PROFILES.p30, at: MADE }), MADE);
    expect(withPin.state.pin).to.equal('1234');
    const low = { ...withPin.state, chargeMicroampHours: 0.06 * 72_000 };
    for (const device of [withPin, { ...withPin, state: low }]) {
      const { presses, codes } = ended(device, planOf({ celsius: { min: 25, max: 25 } }));
      expect(presses).to.be.within(290, 300);
      expect(codes).to.be.above(presses * 0.95);
    }
  });

  it('lies behind a device that is moved back (FS-79)', () => {
    const years = 3;
    const pressed = press(deviceWith({ at: MADE }), later(DAY), ENV);
    const young = movedBack(pressed, years * YEAR_MILLIS);
    expect(young.madeAt).to.equal(MADE - years * YEAR_MILLIS);
    expect(young.state.asOf).to.equal(later(DAY) - years * YEAR_MILLIS);
    const { device } = ended(young, planOf({ until: later(DAY), pressesPerDay: 2 }));
    expect(device.state.asOf).to.equal(later(DAY));
    expect(device.state.presses).to.be.closeTo(1 + years * 365.25 * 2, 1);
    expect(deviceTimeAt(device, later(DAY))).to.be.closeTo(later(DAY), 1);
    const again = press(device, later(2 * DAY), ENV);
    expect(read(again, later(2 * DAY), ENV).display).to.match(/^\d{6}$/);
  });

  const refusals: readonly (readonly [what: string, Partial<LifePlan>, field: string])[] = [
    ['an end before its beginning', { until: later(-1) }, 'until'],
    ['an end that is no time', { until: Number.NaN as UnixMillis }, 'until'],
    ['a century', { until: later(100 * YEAR_MILLIS) }, 'until'],
    ['NaN presses', { pressesPerDay: Number.NaN }, 'pressesPerDay'],
    ['negative presses', { pressesPerDay: -1 }, 'pressesPerDay'],
    ['too many presses a day', { pressesPerDay: 501 }, 'pressesPerDay'],
    [
      'too many presses in all',
      { pressesPerDay: 500, until: later(20 * YEAR_MILLIS) },
      'pressesPerDay',
    ],
    ['a NaN temperature', { celsius: { min: Number.NaN, max: 20 } }, 'celsius'],
    ['a warmest below the coldest', { celsius: { min: 21, max: 20 } }, 'celsius'],
    ['a heat that melts it', { celsius: { min: 21, max: 200 } }, 'celsius'],
  ];
  for (const [what, changes, field] of refusals) {
    it(`refuses ${what}, naming ${field}`, () => {
      expect(() => lived(deviceWith({ at: MADE }), planOf(changes)))
        .to.throw(FobtwinError)
        .that.satisfies(
          (error: FobtwinError) =>
            error.code === 'invalidInput' && error.errors[0]?.field === field,
        );
    });
  }

  it('drifts as a crystal of its temperature and age does, at any range of sizes', () => {
    const physique = { ...IDEAL_PHYSIQUE, trimPpm: 4, ageingPpm: 2, parabolicPpm: -0.034 };
    const device = deviceWith({ at: MADE, physique });
    const still = planOf({
      until: later(YEAR_MILLIS),
      pressesPerDay: 0,
      celsius: { min: 15, max: 15 },
    });
    const seconds = ended(device, still).device.state.offsetMillis / 1000;
    expect(seconds).to.be.closeTo(((4 - 3.4 + 1) * YEAR_MILLIS) / 1e9, 0.01);
  });
});
