import { expect } from 'chai';
import { authorise } from '../../../server/access/authorise.ts';
import { MATRIX } from '../../../server/access/matrix.ts';
import { parseRole, ROLE_DEFINITIONS, ROLES, type Role } from '../../../server/access/roles.ts';
import { SCOPES } from '../../../server/access/scopes.ts';
import { OPERATIONS, type OperationId } from '../../../shared/wire/operations.ts';
import { allowedByRole, ROLE_COLUMNS } from './access-table.ts';

const IDS = Object.keys(OPERATIONS) as OperationId[];

/** Those that only look; all others change something. */
const isReading = (id: OperationId): boolean => OPERATIONS[id].method === 'GET';

function isLetIn(role: Role, id: OperationId): boolean {
  const principal = { actor: 'test', scopes: new Set(ROLE_DEFINITIONS[role].scopes) };
  try {
    authorise(principal, MATRIX[id]);
    return true;
  } catch {
    return false;
  }
}

describe('roles', () => {
  it('each have a column in the table', () => {
    expect(ROLE_COLUMNS).to.have.members([...ROLES]);
  });

  for (const role of ROLES) {
    it(`${role}: is let into exactly what the table says`, () => {
      for (const id of IDS) {
        expect(isLetIn(role, id), `${role}: ${id}`).to.equal(allowedByRole(id, role));
      }
    });

    it(`${role}: holds scopes that exist, each once, with a reason`, () => {
      const { scopes, reason } = ROLE_DEFINITIONS[role];
      expect(SCOPES).to.include.members([...scopes]);
      expect(new Set(scopes).size).to.equal(scopes.length);
      expect(reason).to.match(/\.$/);
    });
  }

  it('let the administrator do everything', () => {
    for (const id of IDS) expect(isLetIn('administrator', id), id).to.equal(true);
  });

  it('let auditor, billing and proofing agent change nothing', () => {
    for (const role of ['auditor', 'billing', 'proofing-agent'] as const) {
      const changing = IDS.filter((id) => isLetIn(role, id) && !isReading(id));
      expect(changing, role).to.deep.equal([]);
    }
  });

  it('keep granting, seeds and keys to the administrator alone', () => {
    const guarded = IDS.filter((id) => /Application$|SeedFile$|Keys$|Backup$/.test(id));
    for (const role of ROLES.filter((one) => one !== 'administrator')) {
      const found = guarded.filter((id) => isLetIn(role, id) && !isReading(id));
      expect(found, role).to.deep.equal([]);
    }
  });

  it('are known by their names, and nothing else is', () => {
    for (const role of ROLES) expect(parseRole(role)).to.equal(role);
    for (const text of ['', 'admin', 'Helpdesk', 'verify']) {
      expect(parseRole(text)).to.equal(undefined);
    }
  });
});
