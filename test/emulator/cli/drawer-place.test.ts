import { expect } from 'chai';
import { drawerPlace, keyFilePlace } from '../../../emulator/cli/drawer-place.ts';

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

describe("the key file's place", () => {
  const usual = `${HOME}/.local/share/fob/drawer`;
  const linux = { platform: 'linux', homeDirectory: HOME, variables: {} } as const;

  for (const [what, drawer, env, place] of [
    ['is beside a drawer of your own choice', '/a/drawer/', linux, '/a/drawer.key'],
    ['is among the settings for the usual one', usual, linux, `${HOME}/.config/fob/drawer.key`],
    ['follows XDG', usual, { ...linux, variables: { XDG_CONFIG_HOME: '/c' } }, '/c/fob/drawer.key'],
    [
      'follows no relative XDG',
      usual,
      { ...linux, variables: { XDG_CONFIG_HOME: 'c' } },
      `${HOME}/.config/fob/drawer.key`,
    ],
    ['is chosen by FOB_KEY_FILE', usual, { ...linux, variables: { FOB_KEY_FILE: '/k' } }, '/k'],
    [
      'is among the preferences on macOS',
      `${HOME}/Library/Application Support/fob/drawer`,
      { ...linux, platform: 'darwin' },
      `${HOME}/Library/Preferences/fob/drawer.key`,
    ],
  ] as const) {
    it(what, () => {
      expect(keyFilePlace(drawer, env)).to.equal(place);
    });
  }

  it('is among roaming settings on Windows', () => {
    const env = { platform: 'win32', homeDirectory: 'C:\\Users\\Ann' } as const;
    const drawer = drawerPlace(undefined, { ...env, variables: {} });
    const place = keyFilePlace(drawer, { ...env, variables: { APPDATA: 'D:\\Roaming' } });
    expect(place).to.equal('D:\\Roaming\\fob\\Config\\drawer.key');
  });
});
