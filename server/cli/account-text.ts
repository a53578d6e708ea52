import type { ReplyOf } from '../../shared/wire/operations.ts';
import { formatFields, formatTable } from './table.ts';
import { moreText } from './token-text.ts';

type AccountView = ReplyOf<'getAccount'>['account'];

export const describeAccount = (account: AccountView): string =>
  formatFields({
    id: account.id,
    name: account.name,
    'legal name': account.legalName,
    organisation: account.organisation,
    'e-mail': account.email,
    country: account.country,
    roles: account.roles.join(', '),
    created: account.createdAt,
    disabled: account.disabledAt,
    'disabled by its directory': account.directoryDisabledAt,
    'signs in as': account.otherNames?.join(', '),
    password: account.directory ? "its directory's" : undefined,
    tokens: account.serials.join(', ') || '-',
  });

export function listAccounts({ items, nextCursor }: ReplyOf<'listAccounts'>): string {
  const rows = items.map((account) => {
    const { id, name, organisation, serials } = account;
    return [id, name ?? '-', organisation ?? '-', stateOf(account), serials.join(', ') || '-'];
  });
  const headings = ['ID', 'NAME', 'ORGANISATION', 'STATE', 'TOKENS'];
  return formatTable(headings, rows, 'No accounts.') + moreText(nextCursor);
}

const stateOf = ({ disabledAt, directoryDisabledAt }: AccountView): string =>
  disabledAt === undefined && directoryDisabledAt === undefined ? '-' : 'disabled';
