import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { type PadKey, press, pressKey, read } from '../../../emulator/device/device.ts';
import { inject } from '../../../emulator/device/faults/inject.ts';
import { challengeOf, unlockCodeFor, unlockCodeOf } from '../../../emulator/device/pin.ts';
import type { Device } from '../../../emulator/device/types.ts';
import { C30 } from '../../../firmware-spec/profiles/c30.ts';
import { E6 } from '../../../firmware-spec/profiles/e6.ts';
import { P30 } from '../../../firmware-spec/profiles/p30.ts';
import { DEFAULT_POLICY } from '../../../server/verification/policy.ts';
import { resync } from '../../../server/verification/resync.ts';
import { FobtwinError } from '../../../shared/errors.ts';
import type { Algorithm, Digits, Seed, UnixMillis } from '../../../shared/types.ts';
import { digits, eventSubject, twoCodes } from '../../support/verification.ts';
import { at, deviceWith, ENV, RFC_SEED } from './devices.ts';

interface UnlockCase {
  readonly seed: string;
  readonly algorithm: Algorithm;
  readonly digits: Digits;
  readonly number: number;
  readonly challenge: string;
  readonly unlockCode: string;
}

const file = new URL('../../../firmware-spec/vectors/unlock.json', import.meta.url);
const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: readonly UnlockCase[] };

const NOON = at('2026-01-01T12:00:00Z');
const later = (seconds: number) => (NOON + seconds * 1000) as UnixMillis;
const enter = (device: Device, digits: string, now: UnixMillis): Device =>
  [...digits, 'enter'].reduce((before, key) => pressKey(before, now, key as PadKey, ENV), device);

/** A p30 that has locked itself, its PIN 1234. */
function locked(): Device {
  let device = press(deviceWith({ profile: P30, at: NOON }), NOON, ENV);
  device = press(enter(device, '1234', NOON), NOON, ENV);
  device = press(device, NOON, ENV);
  for (const seconds of [1, 10, 20]) device = enter(device, '9999', later(seconds));
  return device;
}

describe('emulator/device/pin', () => {
  for (const { seed: hexadecimal, algorithm, digits, number, challenge, unlockCode } of cases) {
    it(`${algorithm}, ${digits} digits: challenge ${number} is ${challenge} (FS-47)`, () => {
      const seed = new Uint8Array(Buffer.from(hexadecimal, 'hex')) as Seed;
      const { pin } = P30;
      if (pin === undefined) throw new Error('a p30 has a PIN pad');
      const device = deviceWith({
        profile: { ...P30, pin: { ...pin, challengeDigits: digits } },
        seed,
        parameters: { type: 'time', algorithm, digits: 6, stepSeconds: 30 },
      });
      const asked = { ...device, state: { ...device.state, challenge: number } };
      expect(challengeOf(asked, ENV)).to.equal(challenge);
      expect(unlockCodeOf(asked, ENV)).to.equal(unlockCode);
      const byHelpdesk = unlockCodeFor(seed, challenge, { algorithm, digits }, ENV.otp);
      expect(byHelpdesk).to.equal(unlockCode);
    });
  }

  it('locks at the third wrong PIN, shows its challenge, and gives no code (FS-44, FS-45)', () => {
    const reading = read(locked(), later(20), ENV);
    expect(reading).to.include({ state: 'deviceLocked', code: null });
    expect(reading.display)
      .to.equal(challengeOf(locked(), ENV))
      .and.match(/^\d{7}$/);
  });

  it('takes each unlock code once: the next lock asks for another (FS-46)', () => {
    const first = locked();
    const code = unlockCodeOf(first, ENV);
    let device = enter(first, code, later(21));
    expect(device.state).to.include({ state: 'enteringPin', locked: false, wrongPins: 0 });
    expect(device.state).not.to.have.property('pin');
    device = enter(device, '4321', later(22));
    device = press(press(device, later(23), ENV), later(24), ENV);
    for (const seconds of [25, 30, 35]) device = enter(device, '0000', later(seconds));
    device = press(device, later(70), ENV);
    expect(device.state.state).to.equal('deviceLocked');
    const again = enter(device, code, later(71));
    expect(again.state).to.include({ state: 'deviceLocked', locked: true });
    expect(again.state.challenge).to.equal(device.state.challenge + 1);
  });

  it('keeps a wrong unlock code from being tried twice on one challenge (FS-46)', () => {
    const device = locked();
    const right = unlockCodeOf(device, ENV);
    const wrong = `${(Number(right[0]) + 1) % 10}${right.slice(1)}`;
    const after = enter(device, wrong, later(21));
    expect(challengeOf(after, ENV)).not.to.equal(challengeOf(device, ENV));
    expect(enter(after, right, later(22)).state.locked).to.equal(true);
    expect(enter(after, unlockCodeOf(after, ENV), later(22)).state.locked).to.equal(false);
  });

  it('never shows what is entered of a PIN (FS-40)', () => {
    let device = press(deviceWith({ profile: P30, at: NOON }), NOON, ENV);
    for (const key of '86421') device = pressKey(device, later(1), key as PadKey, ENV);
    expect(read(device, later(1), ENV)).to.include({ display: '-----', code: null });
  });

  it('is not there on a c30, nor does it know other keys', () => {
    expect(() => pressKey(deviceWith({ profile: C30 }), NOON, '1', ENV))
      .to.throw(FobtwinError)
      .that.satisfies(({ errors }: FobtwinError) => errors[0]?.field === 'key');
    for (const key of ['', '12', 'x', '١']) {
      expect(() => pressKey(deviceWith({ profile: P30 }), NOON, key as PadKey, ENV)).to.throw(
        FobtwinError,
        'A key is 0 to 9 or enter',
      );
    }
  });

  it('has no unlock code for what is no challenge (FS-47)', () => {
    for (const challenge of ['', 'abc', '123', '12345678', '-123456']) {
      expect(() => unlockCodeFor(RFC_SEED, challenge, { algorithm: 'SHA1' }, ENV.otp))
        .to.throw(FobtwinError)
        .that.satisfies(({ errors }: FobtwinError) => errors[0]?.field === 'challenge');
    }
  });

  it('shows no code to who has a seed-bearing token but not its PIN (FS-39)', () => {
    const device = press(deviceWith({ profile: P30, at: NOON, seed: RFC_SEED }), NOON, ENV);
    expect(read(device, NOON, ENV)).to.include({ display: 'SEt PIn', code: null });
  });
});

describe('emulator/device, beside a server', () => {
  it("stays locked when the server's resync lifts the server's own lock (FS-48)", () => {
    let device = deviceWith({ profile: E6, at: NOON });
    const codes = [1, 20].map((seconds) => {
      device = press(device, later(seconds), ENV);
      return read(device, later(seconds), ENV).code ?? digits('');
    });
    device = inject(device, later(40), { name: 'deviceLock' }, ENV);
    const registered = eventSubject({ nextCounter: 0 }, { holds: ['locked'] });
    const [code1 = digits(''), code2 = digits('')] = codes;
    const verdict = resync(registered, twoCodes(code1, code2), {
      otp: ENV.otp,
      policy: DEFAULT_POLICY,
    });
    expect(verdict).to.deep.include({ outcome: 'accepted', holds: [] });
    const still = press(device, later(60), ENV);
    expect(read(still, later(60), ENV)).to.include({ display: 'LoC', code: null });
  });
});
