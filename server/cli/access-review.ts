import type { Client } from '../../shared/client/client.ts';
import { formatTime } from '../../shared/time.ts';
import type { UnixMillis } from '../../shared/types.ts';
import type { ReplyOf } from '../../shared/wire/operations.ts';
import { everyApplication } from '../doctor/served.ts';
import type { Command } from './command.ts';

/** `fobd access-review`: who may do what, for whoever has to confirm that it is still right. */
export const command: Command = {
  define: (parser, choose) =>
    parser
      .usage(
        'fobd access-review\n\n' +
          'Every API key, what it may do, since when, given by whom and last used: as CSV, or\n' +
          'with --json as one object.',
      )
      .command(
        '$0',
        false,
        (inner) => inner,
        (args) => {
          choose(args, async ({ withClient, print }) => {
            const rows = await withClient(reviewRows);
            return print({ keys: rows }, csvOf(rows));
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
    });
  }
  return rows;
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
