import { type Case, invalid, refused } from './case.ts';

const add = (body: object) => ({ path: '/v1/accounts', body });
const change = (body: unknown, id = 'jennifer') => ({
  method: 'PATCH',
  path: `/v1/accounts/${id}`,
  body,
});
const setPassword = (body: unknown, id = 'jennifer') => ({
  method: 'PUT',
  path: `/v1/accounts/${id}/password`,
  body,
});

/** What is wrong with an account, or with its password. */
export const ACCOUNTS: readonly Case[] = [
  ...(
    [
      [
        'a legal name that would act on a terminal',
        { legalName: 'J\u001b[2J' },
        'legalName',
        'badFormat',
      ],
      ['an empty organisation', { organisation: '' }, 'organisation', 'required'],
      [
        'an organisation longer than any',
        { organisation: 'x'.repeat(201) },
        'organisation',
        'tooLong',
      ],
      ['an e-mail address without its domain', { email: 'jennifer@' }, 'email', 'badFormat'],
      ['two e-mail addresses in one', { email: 'a@b, c@d' }, 'email', 'badFormat'],
      [
        'an e-mail address longer than any',
        { email: `${'x'.repeat(252)}@a.b` },
        'email',
        'tooLong',
      ],
      ['a country that is none', { country: 'XX' }, 'country', 'notAllowed'],
      ['a country of three letters', { country: 'USA' }, 'country', 'tooLong'],
      ['a country that is a number', { country: 1 }, 'country', 'wrongType'],
      ['a role that there is not', { roles: ['king'] }, 'roles/0', 'notAllowed'],
      ['no role at all', { roles: [] }, 'roles', 'required'],
      ['a role twice', { roles: ['user', 'user'] }, 'roles', 'duplicate'],
      ['more roles than there are', { roles: Array(9).fill('user') }, 'roles', 'tooMany'],
      ['a role that is no list', { roles: 'user' }, 'roles', 'wrongType'],
      [
        'a profile that would disable the account',
        { disabledAt: null },
        'disabledAt',
        'unknownField',
      ],
      [
        'a profile that would be a directory\u2019s',
        { directoryId: 'x' },
        'directoryId',
        'unknownField',
      ],
      ['a profile with tokens', { serials: ['FT00000001'] }, 'serials', 'unknownField'],
    ] as const
  ).flatMap(([name, body, field, fault]) => [
    {
      name: `${name}, in a new account`,
      send: add({ id: 'new', ...body }),
      expected: invalid(`/${field}`, fault),
    },
    { name: `${name}, in a change`, send: change(body), expected: invalid(`/${field}`, fault) },
  ]),
  {
    name: 'an account of another case\u2019s name',
    send: add({ id: 'JENNIFER' }),
    expected: refused(409, 'exists'),
  },
  {
    name: 'a change of the id',
    send: change({ id: 'jane' }),
    expected: invalid('/id', 'unknownField'),
  },
  { name: 'a change of nobody', send: change({}, 'nobody'), expected: refused(404, 'notFound') },
  {
    name: 'a change by whom may only read',
    send: change({ name: 'J' }),
    scopes: ['accounts:read', 'tokens:admin', 'sessions'],
    expected: refused(403, 'forbidden'),
  },
  {
    name: 'disabling nobody',
    send: { path: '/v1/accounts/nobody/disable' },
    expected: refused(404, 'notFound'),
  },
  {
    name: 'enabling whom nobody has disabled',
    send: { path: '/v1/accounts/jennifer/enable' },
    expected: refused(409, 'notAllowedNow'),
  },
  {
    name: 'a reason that is a number',
    send: { path: '/v1/accounts/jennifer/disable', body: { reason: 1 } },
    expected: invalid('/reason', 'wrongType'),
  },
  { name: 'no password', send: setPassword({}), expected: invalid('/password', 'required') },
  {
    name: 'a password that is null',
    send: setPassword({ password: null }),
    expected: invalid('/password', 'wrongType'),
  },
  {
    name: 'a password of seven characters',
    send: setPassword({ password: 'gLk4$xY' }),
    expected: invalid('/password', 'tooShort'),
  },
  {
    name: 'a password of 257 characters',
    send: setPassword({ password: 'x!'.repeat(128).concat('y') }),
    expected: invalid('/password', 'tooLong'),
  },
  {
    name: 'a password that everybody tries first',
    send: setPassword({ password: 'Password1' }),
    expected: invalid('/password', 'breached'),
  },
  {
    name: 'a password that is the name',
    send: setPassword({ password: 'Jennifer.2026' }),
    expected: invalid('/password', 'notAllowed'),
  },
  {
    name: 'a password with a newline',
    send: setPassword({ password: 'seven tame\nwalruses' }),
    expected: invalid('/password', 'badFormat'),
  },
  {
    name: 'a password for nobody',
    send: setPassword({ password: 'seven tame walruses' }, 'nobody'),
    expected: refused(404, 'notFound'),
  },
  {
    name: 'a password set by whom signs people in',
    send: setPassword({ password: 'seven tame walruses' }),
    scopes: ['sessions', 'accounts:read'],
    expected: refused(403, 'forbidden'),
  },
  {
    name: 'the removal of a password that there is not',
    send: { method: 'DELETE', path: '/v1/accounts/jennifer/password' },
    expected: refused(409, 'notAllowedNow'),
  },
];
