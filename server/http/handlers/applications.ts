import { type FieldError, FobtwinError, invalidInput } from '../../../shared/errors.ts';
import { parseTime } from '../../../shared/time.ts';
import { parseUnixMillis, type UnixMillis } from '../../../shared/types.ts';
import { parseRole, ROLES } from '../../access/roles.ts';
import { parseScope, SCOPES } from '../../access/scopes.ts';
import type { ApplicationService } from '../../applications/port.ts';
import { viewApplication } from '../application-view.ts';
import { formatCursor, parseCursor } from '../cursor.ts';
import { spanMillis } from '../moment.ts';
import type { Handlers } from './handler.ts';

type Ids =
  | 'listApplications'
  | 'getApplication'
  | 'addApplication'
  | 'rotateApplication'
  | 'allowApplication'
  | 'demandOfApplication'
  | 'revokeApplication';

export function applicationHandlers({
  applications,
}: {
  readonly applications: ApplicationService;
}): Handlers<Ids> {
  return {
    async listApplications({ query: { cursor, limit }, caller: { now } }) {
      const page = await applications.list({ after: parseCursor(cursor), limit });
      const items = page.items.map((record) => viewApplication(record, now));
      return { items, nextCursor: formatCursor(page.next) };
    },
    async getApplication({ params, caller: { now } }) {
      return { application: viewApplication(await applications.get(params.id), now) };
    },
    async addApplication({ body, caller }) {
      const { name, scopes = [], roles = [], allow, ...rest } = body;
      const { requiredStrength, requiresProofing, ...expiry } = rest;
      const application = {
        name,
        scopes: parseNames(scopes, parseScope, { field: 'scopes', names: SCOPES }),
        roles: parseNames(roles, parseRole, { field: 'roles', names: ROLES }),
        allow,
        requiredStrength,
        requiresProofing,
        expiresAt: parseExpiry(expiry, caller.now),
      };
      return applications.add(application, caller);
    },
    async rotateApplication({ params, body: { overlap, ...expiry }, caller }) {
      const rotation = {
        overlapMillis: overlap === undefined ? undefined : spanMillis(overlap, '/overlap'),
        expiresAt: parseExpiry(expiry, caller.now),
      };
      const { apiKey, application } = await applications.rotate(params.id, rotation, caller);
      return { apiKey, application: viewApplication(application, caller.now) };
    },
    async allowApplication({ params, body, caller }) {
      const changed = await applications.allow(params.id, body, caller);
      return { application: viewApplication(changed, caller.now) };
    },
    async demandOfApplication({ params, body, caller }) {
      const { requiredStrength, requiresProofing, reason } = body;
      const demand = { requiredStrength: requiredStrength ?? undefined, requiresProofing, reason };
      const changed = await applications.demand(params.id, demand, caller);
      return { application: viewApplication(changed, caller.now) };
    },
    async revokeApplication({ params, body, caller }) {
      const revoked = await applications.revoke(params.id, body, caller);
      return { application: viewApplication(revoked, caller.now) };
    },
  };
}

/** @throws FobtwinError `invalidInput` naming each text that is unknown or given twice */
function parseNames<Name extends string>(
  texts: readonly string[],
  parse: (text: string) => Name | undefined,
  { field, names }: { readonly field: 'scopes' | 'roles'; readonly names: readonly Name[] },
): readonly Name[] {
  const parsed: Name[] = [];
  const errors: FieldError[] = [];
  for (const [index, text] of texts.entries()) {
    const name = parse(text);
    const pointer = `/${field}/${index}`;
    if (name === undefined) errors.push({ field: pointer, code: 'notAllowed' });
    else if (parsed.includes(name)) errors.push({ field: pointer, code: 'duplicate' });
    else parsed.push(name);
  }
  if (errors.length === 0) return parsed;
  throw new FobtwinError('invalidInput', `The list of ${field} is not valid.`, {
    errors,
    nextStep: `These are the ${field}: ${names.join(', ')}; each at most once.`,
  });
}

interface Expiry {
  readonly expiresAt?: string | undefined;
  readonly expiresIn?: string | undefined;
}

function parseExpiry({ expiresAt, expiresIn }: Expiry, now: UnixMillis): UnixMillis | undefined {
  if (expiresIn !== undefined) {
    const at = parseUnixMillis(now + spanMillis(expiresIn, '/expiresIn'));
    if (at === undefined) throw invalidInput('/expiresIn', 'tooLarge', 'The span is too long.');
    return at;
  }
  if (expiresAt === undefined) return undefined;
  const at = parseTime(expiresAt);
  if (at === undefined) throw invalidInput('/expiresAt', 'badFormat', 'There is no such time.');
  return at;
}
