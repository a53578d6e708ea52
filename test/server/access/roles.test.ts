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

  /** What everybody may change: the operations that strangers are let into. */
  const open = IDS.filter((id) => MATRIX[id].scopes.length === 0);
  const changing = (role: Role) =>
    IDS.filter((id) => isLetIn(role, id) && !isReading(id) && !open.includes(id));

  it('let the auditor change nothing', () => {
    expect(changing('auditor')).to.deep.equal([]);
  });

  it('let billing change orders alone, and the proofing agent live sessions alone', () => {
    expect(changing('billing').filter((id) => !/Order$|Keys$|Cart$/.test(id))).to.deep.equal([]);
    expect(changing('proofing-agent')).to.have.members([
      ...['scheduleProofing', 'decideProofing', 'reissueActivationCode'],
    ]);
  });

  it('keep granting, seeds and keys to the administrator alone', () => {
    // Licence keys are what billing sells.
    const guarded = IDS.filter((id) => /Application$|SeedFile$|(?<!Licence)Keys$|Backup$/.test(id));
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
