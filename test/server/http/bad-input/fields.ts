import { type Case, codeIn, invalid, json, MINE, outcome, verify } from './case.ts';

/** Fields of a verification. */
export const FIELDS: readonly Case[] = [
  { name: 'no code', send: verify({ serial: MINE }), expected: invalid('/code', 'required') },
  {
    name: 'neither serial nor account',
    send: verify({ code: '755224' }),
    expected: invalid('/serial', 'oneOf'),
  },
  {
    name: 'serial and account both',
    send: verify({ serial: MINE, account: 'jennifer', code: '755224' }),
    expected: invalid('/serial', 'oneOf'),
  },
  {
    name: 'an unknown field',
    send: verify({ serial: MINE, code: '755224', pin: '1234' }),
    expected: invalid('/pin', 'unknownField'),
  },
  {
    name: "an object's own words as fields",
    send: verify('{"serial":"FT1","code":"755224","constructor":{},"toString":1}', json),
    expected: invalid('/constructor', 'unknownField'),
  },
  {
    name: 'a code as a number',
    send: verify({ serial: MINE, code: 755224 }),
    expected: invalid('/code', 'wrongType'),
  },
  {
    name: 'a code that is null',
    send: verify({ serial: MINE, code: null }),
    expected: invalid('/code', 'wrongType'),
  },
  {
    name: 'an empty code',
    send: verify({ serial: MINE, code: '' }),
    expected: invalid('/code', 'tooShort'),
  },
  {
    name: 'a serial whose letters are folded to ASCII only by upper case',
    send: verify({ serial: '\u017f1', code: '755224' }),
    expected: invalid('/serial', 'badFormat'),
  },
  {
    name: 'a reason with half of a surrogate pair',
    send: { path: `/v1/tokens/${MINE}/lock`, headers: json, body: '{"reason":"\\ud800"}' },
    expected: invalid('/reason', 'badFormat'),
  },
  {
    name: 'an application whose name is half of a surrogate pair',
    send: {
      path: '/v1/applications',
      headers: json,
      body: '{"name":"\\ud800","scopes":["verify"]}',
    },
    expected: invalid('/name', 'badFormat'),
  },
  {
    name: 'an account whose name would act on a terminal',
    send: { path: '/v1/accounts', body: { id: 'mallory', name: 'M\u001b[2J' } },
    expected: invalid('/name', 'badFormat'),
  },
  {
    name: 'a code of five digits',
    send: verify({ serial: MINE, code: '75522' }),
    expected: invalid('/code', 'tooShort'),
  },
  {
    name: 'a code of nine digits',
    send: verify({ serial: MINE, code: '755224287' }),
    expected: invalid('/code', 'tooLong'),
  },
  {
    name: 'a code with letters',
    send: verify({ serial: MINE, code: '75522A' }),
    expected: invalid('/code', 'notDigits'),
  },
  {
    name: 'a code in full-width digits',
    send: verify({ serial: MINE, code: '７５５２２４' }),
    expected: invalid('/code', 'notDigits'),
  },
  {
    name: 'a code in Arabic-Indic digits',
    send: verify({ serial: MINE, code: '٧٥٥٢٢٤' }),
    expected: invalid('/code', 'notDigits'),
  },
  {
    name: 'a code with a space in it',
    send: verify({ serial: MINE, code: '755 224' }),
    expected: invalid('/code', 'notDigits'),
  },
  {
    name: 'a code with a line end',
    send: verify({ serial: MINE, code: '755224\n' }),
    expected: invalid('/code', 'notDigits'),
  },
  {
    name: 'a serial with a strange character',
    send: verify({ serial: 'FT#1', code: '755224' }),
    expected: invalid('/serial', 'badFormat'),
  },
  {
    name: 'a serial of nothing but spaces',
    send: verify({ serial: '   ', code: '755224' }),
    expected: invalid('/serial', 'badFormat'),
  },
  {
    name: 'a serial of 65 characters',
    send: verify({ serial: 'F'.repeat(65), code: '755224' }),
    expected: invalid('/serial', 'badFormat'),
  },
  {
    name: 'a serial that is longer than anything looked at',
    send: verify({ serial: ' '.repeat(201), code: '755224' }),
    expected: invalid('/serial', 'tooLong'),
  },
  {
    name: 'an account with a slash',
    send: verify({ account: 'a/b', code: '755224' }),
    expected: invalid('/account', 'badFormat'),
  },
  {
    name: 'an unknown credential type',
    send: verify({ account: 'jennifer', code: '755224', credentialType: 'fax' }),
    expected: invalid('/credentialType', 'notAllowed'),
  },
  {
    name: 'an unknown serial, asked by scope verify',
    scopes: ['verify'],
    send: verify({ serial: 'FT99999999', code: '755224' }),
    expected: outcome('wrongCode'),
  },
  {
    name: 'an unknown account, asked by scope verify',
    scopes: ['verify'],
    send: verify({ account: 'nobody', code: '755224' }),
    expected: outcome('wrongCode'),
  },
  {
    name: 'a serial in other case and with spaces (accepted)',
    send: (served) => verify({ serial: ' ft 0000 0001 ', code: codeIn(served, MINE) }),
    expected: outcome('accepted'),
  },
];
