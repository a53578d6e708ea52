import type { ReplyOf } from '../../shared/wire/operations.ts';
import { formatFields, formatTable } from './table.ts';
import { moreText } from './token-text.ts';

/** What people read of applications. */

type Application = ReplyOf<'getApplication'>['application'];
type ApiKey = Application['keys'][number];

export const keyText = ({ id, apiKey }: ReplyOf<'addApplication'>): string => `\
Application ${id} was added. Its API key, shown this once:

  ${apiKey}
`;

export function rotatedText({ apiKey, application }: ReplyOf<'rotateApplication'>): string {
  const [old] = application.keys.length > 1 ? application.keys : [];
  const until = old?.expiresAt;
  const after =
    until === undefined
      ? 'It is the only one: no other key of the application works.'
      : `Key ${old?.number} works until ${until}: give the new one to the application before that.`;
  return `\
Application ${application.id} has a new API key, shown this once:

  ${apiKey}

${after}
`;
}

export function listApplications({ items, nextCursor }: ReplyOf<'listApplications'>): string {
  const rows = items.map((application) => [
    application.id,
    application.name,
    stateText(application),
    application.lastUsedAt ?? 'never',
    application.allow?.join(' ') ?? 'anywhere',
    demandText(application, 'any'),
    application.roles?.join(' ') ?? '-',
    application.scopes.join(' '),
  ]);
  const headings = ['ID', 'NAME', 'STATE', 'LAST USED', 'FROM', 'STRENGTH', 'ROLES', 'SCOPES'];
  return formatTable(headings, rows, 'No applications.') + moreText(nextCursor);
}

/** @param least what is written where no strength is demanded */
export function demandText(
  { requiredStrength, requiresProofing }: Partial<Application>,
  least: string,
): string {
  const strength = requiredStrength ?? least;
  return requiresProofing === true ? `${strength}, proofed` : strength;
}

/** Of its keys the best tells: one that works outlives those that do not. */
function stateText({ revokedAt, keys }: Application): string {
  if (revokedAt !== undefined) return `revoked ${revokedAt}`;
  const inState = (state: ApiKey['state']) => keys.findLast((key) => key.state === state);
  if (inState('live') !== undefined) return 'live';
  const expiring = inState('expiring');
  if (expiring !== undefined) return `expires ${expiring.expiresAt}`;
  const expired = inState('expired');
  return expired === undefined ? 'no key' : `expired ${expired.expiresAt}`;
}

export function describeApplication(application: Application): string {
  const { id, name, createdAt, revokedAt, keys } = application;
  const fields = formatFields({
    id,
    name,
    scopes: application.scopes.join(' '),
    roles: application.roles?.join(' '),
    allow: application.allow?.join(' ') ?? 'anywhere',
    strength: demandText(application, 'any'),
    created: createdAt,
    revoked: revokedAt,
  });
  const rows = keys.map((key) => [
    String(key.number),
    key.state,
    key.createdAt,
    key.revokedAt ?? key.expiresAt ?? 'never',
    key.lastUsedAt ?? 'never',
  ]);
  const table = formatTable(['KEY', 'STATE', 'CREATED', 'ENDS', 'LAST USED'], rows, 'No keys.');
  return `${fields}\n\n${table}`;
}
