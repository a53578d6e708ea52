import { expect } from 'chai';
import {
  advance,
  press,
  programme,
  read,
  setTemperature,
} from '../../../emulator/device/device.ts';
import { A60 } from '../../../firmware-spec/profiles/a60.ts';
import { C30 } from '../../../firmware-spec/profiles/c30.ts';
import { P30 } from '../../../firmware-spec/profiles/p30.ts';
import type { Profile } from '../../../firmware-spec/profiles/profile.ts';
import { FobtwinError } from '../../../shared/errors.ts';
import type { UnixMillis } from '../../../shared/types.ts';
import { at, deviceWith, ENV } from './devices.ts';

const NOON = at('2026-01-01T12:00:00Z');

describe('emulator/device, told nonsense', () => {
  const device = deviceWith({ at: NOON });
  const nonsense = [Number.NaN, Infinity, 0.5, 8.65e15];

  for (const [what, tell] of [
    ['advance', (time: UnixMillis) => advance(device, time, ENV)],
    ['press', (time: UnixMillis) => press(device, time, ENV)],
    ['read', (time: UnixMillis) => read(device, time, ENV)],
    ['programme', (time: UnixMillis) => programme(device, time)],
    ['setTemperature', (time: UnixMillis) => setTemperature(device, time, 20, ENV)],
  ] as const) {
    it(`${what} refuses what is no time, naming it (FS-78)`, () => {
      for (const time of nonsense) {
        expect(() => tell(time as UnixMillis), String(time))
          .to.throw(FobtwinError)
          .that.satisfies(({ errors }: FobtwinError) => errors[0]?.field === 'at');
      }
    });
  }

  it('refuses a hold that nobody holds', () => {
    for (const holdMillis of [Number.NaN, -1, 86_400_001]) {
      expect(() => press(device, NOON, ENV, { holdMillis }))
        .to.throw(FobtwinError)
        .that.satisfies(({ errors }: FobtwinError) => errors[0]?.field === 'holdMillis');
    }
  });

  const { pin } = P30;
  const impossible: readonly (readonly [string, Partial<Profile>, string])[] = [
    ['no cells', { display: { ...C30.display, cells: 0 } }, 'profile/display/cells'],
    [
      'seven marks',
      { display: { ...C30.display, countdownMarks: 7 } },
      'profile/display/countdownMarks',
    ],
    [
      'a message that outlasts the display',
      { display: { ...C30.display, messageSeconds: 31 } },
      'profile/display/messageSeconds',
    ],
    ['a menu without a hold', { button: { debounceMillis: 20 } }, 'profile/button/holdSeconds'],
    ['a next code of a time token', { secondPress: 'showsNext' }, 'profile/secondPress'],
    ['an event token that counts down', { type: 'event' }, 'profile/type'],
    [
      'no charge',
      { cell: { ...C30.cell, capacityMicroampHours: 0 } },
      'profile/cell/capacityMicroampHours',
    ],
    [
      'a current that is none',
      { cell: { ...C30.cell, sleepMicroamps: Number.NaN } },
      'profile/cell/sleepMicroamps',
    ],
    ['half a cell', { display: { ...C30.display, cells: 7.5 } }, 'profile/display/cells'],
    [
      'cells in words',
      { display: { ...C30.display, cells: '8' as unknown as number } },
      'profile/display/cells',
    ],
    [
      'a hold that no clock counts',
      { button: { debounceMillis: 20, holdSeconds: 1.0005 } },
      'profile/button/holdSeconds',
    ],
    ['an unknown second press', { secondPress: 'sings' as 'ignored' }, 'profile/secondPress'],
    ['an unknown item', { menu: ['time', 'weather' as 'serial'] }, 'profile/menu'],
    ['the counter of a time token', { menu: ['counter'] }, 'profile/menu'],
    [
      'a challenge that nobody can answer',
      { messages: { ...C30.messages, deviceLocked: 'challenge' } },
      'profile/messages/deviceLocked',
    ],
    ['a button that would darken it', { ...A60, secondPress: 'darkens' }, 'profile/alwaysOn'],
    [
      'a menu that would hide its code',
      { ...A60, menu: ['serial'], button: C30.button },
      'profile/alwaysOn',
    ],
    ['an end before it begins', { alwaysOn: { years: 0 } }, 'profile/alwaysOn/years'],
    ...(pin === undefined
      ? []
      : ([
          ['no tries', { pin: { ...pin, tries: 0 } }, 'profile/pin/tries'],
          [
            'a challenge of five',
            { pin: { ...pin, challengeDigits: 5 } },
            'profile/pin/challengeDigits',
          ],
          ['a PIN longer than itself', { pin: { ...pin, digitsMin: 9 } }, 'profile/pin/digitsMin'],
        ] as const)),
  ];
  for (const [what, change, field] of impossible) {
    it(`refuses a profile with ${what}, naming ${field} (FS-98)`, () => {
      expect(() => deviceWith({ profile: { ...C30, ...change } }))
        .to.throw(FobtwinError)
        .that.satisfies(({ errors }: FobtwinError) => errors[0]?.field === field);
    });
  }
});
