import { type FieldError, FobtwinError } from '../../../shared/errors.ts';
import { parseScope, SCOPES, type Scope } from '../../access/scopes.ts';
import type { ApplicationService } from '../../applications/port.ts';
import { formatCursor, parseCursor } from '../cursor.ts';
import { viewApplication } from '../views.ts';
import type { Handlers } from './handler.ts';

export function applicationHandlers({
  applications,
}: {
  readonly applications: ApplicationService;
}): Handlers<'listApplications' | 'addApplication' | 'revokeApplication'> {
  return {
    async listApplications({ query: { cursor, limit } }) {
      const page = await applications.list({ after: parseCursor(cursor), limit });
      return { items: page.items.map(viewApplication), nextCursor: formatCursor(page.next) };
    },
    async addApplication({ body: { name, scopes }, caller }) {
      return applications.add({ name, scopes: parseScopes(scopes) }, caller);
    },
    async revokeApplication({ params, caller }) {
      return { application: viewApplication(await applications.revoke(params.id, caller)) };
    },
  };
}

/** @throws FobtwinError `invalidInput` naming each scope that is unknown or given twice */
function parseScopes(texts: readonly string[]): readonly Scope[] {
  const scopes: Scope[] = [];
  const errors: FieldError[] = [];
  for (const [index, text] of texts.entries()) {
    const field = `/scopes/${index}`;
    const scope = parseScope(text);
    if (scope === undefined) errors.push({ field, code: 'notAllowed' });
    else if (scopes.includes(scope)) errors.push({ field, code: 'duplicate' });
    else scopes.push(scope);
  }
  if (errors.length === 0) return scopes;
  throw new FobtwinError('invalidInput', 'The list of scopes is not valid.', {
    errors,
    nextStep: `Scopes are ${SCOPES.join(', ')}; each at most once.`,
  });
}
