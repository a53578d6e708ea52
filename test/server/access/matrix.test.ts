import { expect } from 'chai';
import { authorise } from '../../../server/access/authorise.ts';
import { MATRIX } from '../../../server/access/matrix.ts';
import { LOCAL_OWNER, type Principal, SCOPES, type Scope } from '../../../server/access/scopes.ts';
import { FobtwinError } from '../../../shared/errors.ts';
import { OPERATIONS, type OperationId } from '../../../shared/wire/operations.ts';
import { ACCESS, allowedByScope } from './access-table.ts';

const OPEN: readonly OperationId[] = ['healthz', 'readyz', 'listProducts', 'receivePaymentEvent'];
const LAB: readonly OperationId[] = ['getClock', 'moveClock', 'listMails', 'listTexts'];

const IDS = Object.keys(OPERATIONS) as OperationId[];

const holding = (...scopes: Scope[]): Principal => ({ actor: 'test', scopes: new Set(scopes) });

function refusalOf(principal: Principal | undefined, id: OperationId): string | undefined {
  try {
    authorise(principal, MATRIX[id]);
    return undefined;
  } catch (error) {
    if (error instanceof FobtwinError) return error.code;
    throw error;
  }
}

describe('the matrix of checks by endpoints', () => {
  it('has a row for every operation, and the table a scope for each that is named', () => {
    expect(Object.keys(ACCESS)).to.have.members(IDS);
    expect(Object.keys(MATRIX)).to.have.members(IDS);
    const named = new Set(Object.values(ACCESS).flatMap(([, scopes]) => scopes.split(' ')));
    expect([...named]).to.have.members(['*', ...SCOPES]);
  });

  for (const id of IDS) {
    it(`${id}: each scope alone is let in or refused as the table says`, () => {
      for (const scope of SCOPES) {
        const expected = allowedByScope(id, scope) ? undefined : 'forbidden';
        expect(refusalOf(holding(scope), id), `${id} with ${scope}`).to.equal(expected);
      }
    });
  }

  it('lets nobody in without an API key but to what is open, nor with a key without scopes', () => {
    for (const id of IDS) {
      const open = OPEN.includes(id);
      expect(refusalOf(undefined, id), id).to.equal(open ? undefined : 'unauthenticated');
      expect(refusalOf(holding(), id), id).to.equal(open ? undefined : 'forbidden');
    }
  });

  it('lets the local owner in everywhere', () => {
    for (const id of IDS) expect(refusalOf(LOCAL_OWNER, id), id).to.equal(undefined);
  });

  it('lets a caller in by one scope of several that he holds', () => {
    expect(refusalOf(holding('audit:read', 'tokens:unlock'), 'unlockToken')).to.equal(undefined);
    expect(refusalOf(holding('audit:read', 'tokens:unlock'), 'lockToken')).to.equal('forbidden');
  });

  it('names the scopes that are lacking and the next step', () => {
    try {
      authorise(holding('verify'), MATRIX.unlockToken);
      expect.fail('was let in');
    } catch (error) {
      expect(error).to.be.instanceOf(FobtwinError);
      const { message, nextStep } = error as FobtwinError;
      expect(message).to.include('tokens:unlock or tokens:admin');
      expect(nextStep).to.include('tokens:unlock or tokens:admin');
    }
  });

  it('marks what is of a lab only', () => {
    for (const id of IDS) expect(MATRIX[id].lab, id).to.equal(LAB.includes(id));
  });
});
