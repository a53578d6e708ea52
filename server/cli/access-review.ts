import type { Client } from '../../shared/client/client.ts';
import { formatTime } from '../../shared/time.ts';
import { STRENGTHS, type Strength, type UnixMillis } from '../../shared/types.ts';
import type { ReplyOf } from '../../shared/wire/operations.ts';
import { scopesOfRoles } from '../access/grant.ts';
import { staffRolesOf } from '../access/roles.ts';
import { everyAccount, everyApplication } from '../doctor/served.ts';
import type { Command } from './command.ts';

/** `fobd access-review`: who may do what, for whoever has to confirm that it is still right. */
export const command: Command = {
  define: (parser, choose) =>
    parser
      .usage(
        'fobd access-review\n\n' +
          'Every API key, what it may do, since when, given by whom and last used, and every\n' +
          'account of the staff with what it can sign in with: as CSV, or with --json as JSON.',
      )
      .command(
        '$0',
        false,
        (inner) => inner,
        (args) => {
          choose(args, async ({ withClient, print }) => {
            const { keys, staff } = await withClient(async (client) => ({
              keys: await reviewRows(client),
              staff: await staffRows(client),
            }));
            return print({ keys, staff }, csvOf([...keys, ...staff]));
          });
        },
      ),
};

type ApplicationView = ReplyOf<'getApplication'>['application'];

const COLUMNS = [
  'application',
  'name',
  'roles',
  'scopes',
  'allow',
  'key',
  'state',
  'createdAt',
  'createdBy',
  'expiresAt',
  'lastUsedAt',
  'revokedAt',
  'revokedBy',
  /** Of the staff: whose roles they are. */
  'account',
  /** Of the staff: the most that it can sign in with; below `mobileId` its roles do not count. */
  'strength',
] as const;
type Row = Readonly<Record<(typeof COLUMNS)[number], string>>;

const PAGE = 500;

async function reviewRows(client: Client): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const application of await everyApplication(client)) {
    rows.push(...(await rowsOf(application, client)));
  }
  return rows;
}

async function rowsOf(application: ApplicationView, client: Client): Promise<readonly Row[]> {
  const { id, name, roles = [], scopes, allow = [], keys } = application;
  const rows: Row[] = [];
  for (const key of keys) {
    const revokedAt = key.revokedAt ?? application.revokedAt;
    rows.push({
      application: id,
      name,
      roles: roles.join(' '),
      scopes: scopes.join(' '),
      allow: allow.join(' '),
      key: String(key.number),
      state: key.state,
      createdAt: key.createdAt,
      createdBy: await actorAt(id, key.createdAt, GIVING, client),
      expiresAt: key.expiresAt ?? '',
      lastUsedAt: key.lastUsedAt ?? '',
      revokedAt: revokedAt ?? '',
      revokedBy: revokedAt === undefined ? '' : await actorAt(id, revokedAt, TAKING, client),
      account: '',
      strength: '',
    });
  }
  return rows;
}

async function staffRows(client: Client): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for await (const account of everyAccount(client)) {
    const roles = staffRolesOf(account.roles);
    if (roles.length === 0) continue;
    const isDisabled =
      account.disabledAt !== undefined || account.directoryDisabledAt !== undefined;
    const scopes = new Set<string>(scopesOfRoles(roles));
    rows.push({
      ...NOTHING,
      name: account.name ?? '',
      roles: roles.join(' '),
      scopes: [...scopes].join(' '),
      state: isDisabled ? 'disabled' : 'live',
      createdAt: account.createdAt,
      account: account.id,
      strength: await strengthOf(account.id, client),
    });
  }
  return rows;
}

const NOTHING = Object.fromEntries(COLUMNS.map((column) => [column, ''])) as Row;

/** By its tokens; phones and passwords make no role count. */
async function strengthOf(account: string, client: Client): Promise<Strength> {
  const query = { account, state: 'registered' as const, limit: PAGE };
  const { items } = await client.call('listTokens', { query });
  const reached = items
    .filter(({ holds }) => holds.length === 0)
    .map((token): Strength => {
      const isProgram = token.emulated === 'marked' || token.mobileId === true;
      return isProgram ? 'mobileId' : 'hardwareToken';
    });
  return STRENGTHS.findLast((strength) => reached.includes(strength)) ?? 'password';
}

const GIVING = ['addApplication', 'rotateApplication'];
const TAKING = ['revokeApplication'];

/** Whoever did it by the audit log; empty where retention has removed the entry. */
async function actorAt(
  application: string,
  at: string,
  actions: readonly string[],
  client: Client,
): Promise<string> {
  const to = formatTime((Date.parse(at) + 1) as UnixMillis);
  let after: number | undefined;
  for (;;) {
    const query = { application, from: at, to, limit: PAGE };
    const page = await client.call('listAudit', {
      query: after === undefined ? query : { ...query, after },
    });
    const found = page.items.find(({ action }) => actions.includes(action));
    if (found !== undefined) return found.actor;
    if (page.nextCursor === null) return '';
    after = Number(page.nextCursor);
  }
}

/** RFC 4180. A cell that a spreadsheet would take for a formula begins with an apostrophe. */
function csvOf(rows: readonly Row[]): string {
  const lines = rows.map((row) => COLUMNS.map((column) => cell(row[column])).join(','));
  return [COLUMNS.join(','), ...lines].join('\r\n');
}

function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
