import { expect } from 'chai';
import { drawerPlace } from '../../../emulator/cli/drawer-place.ts';

type Case = readonly [
  what: string,
  platform: NodeJS.Platform,
  variables: Readonly<Record<string, string>>,
  option: string | undefined,
  place: string,
];

const HOME = '/home/ann';
const CASES: readonly Case[] = [
  ['the option', 'linux', { FOB_DRAWER: '/b', XDG_DATA_HOME: '/c' }, 'a', 'a'],
  ['the variable', 'linux', { FOB_DRAWER: '/b', XDG_DATA_HOME: '/c' }, undefined, '/b'],
  ['no empty variable', 'linux', { FOB_DRAWER: '' }, undefined, `${HOME}/.local/share/fob/drawer`],
  ['XDG', 'linux', { XDG_DATA_HOME: '/c' }, undefined, '/c/fob/drawer'],
  [
    'no relative XDG',
    'linux',
    { XDG_DATA_HOME: 'c' },
    undefined,
    `${HOME}/.local/share/fob/drawer`,
  ],
  ['home', 'freebsd', {}, undefined, `${HOME}/.local/share/fob/drawer`],
  ['macOS', 'darwin', {}, undefined, `${HOME}/Library/Application Support/fob/drawer`],
];

describe("the drawer's place", () => {
  for (const [what, platform, variables, option, place] of CASES) {
    it(`follows ${what} (${platform})`, () => {
      expect(drawerPlace(option, { platform, variables, homeDirectory: HOME })).to.equal(place);
    });
  }

  it('is among local application data on Windows', () => {
    const windows = { platform: 'win32', homeDirectory: 'C:\\Users\\Ann' } as const;
    const place = drawerPlace(undefined, { ...windows, variables: {} });
    expect(place).to.equal('C:\\Users\\Ann\\AppData\\Local\\fob\\Data\\drawer');
    const variables = { LOCALAPPDATA: 'D:\\Data' };
    expect(drawerPlace(undefined, { ...windows, variables })).to.equal(
      'D:\\Data\\fob\\Data\\drawer',
    );
  });
});
