import { expect } from 'chai';
import { ROLE_DEFINITIONS, ROLES } from '../../../server/access/roles.ts';
import { SCOPES } from '../../../server/access/scopes.ts';
import type { OperationId } from '../../../shared/wire/operations.ts';
import { allowedByRole, allowedByScope, isOpenToStrangers } from '../access/access-table.ts';
import { OPERATION_IDS, requestFor } from './every-operation.ts';
import { type Got, type Served, serve } from './served.ts';

/** Every cell of the table, over HTTP: a caller for each scope and each role, every operation. */

type Answer = 'letIn' | 'unauthenticated' | 'forbidden';

/** A service may refuse for another reason than a scope that is missing. */
function answerOf({ status, json }: Got): Answer {
  if (status === 401) return 'unauthenticated';
  const lacksScope = status === 403 && /lacks scope/.test(String(json['detail']));
  return lacksScope ? 'forbidden' : 'letIn';
}

describe('every operation, asked by everybody', function () {
  this.timeout(60_000);
  let served: Served;

  before(async () => {
    served = await serve({ lab: true });
  });
  after(() => served.close());

  async function answersTo(key: string | undefined): Promise<Record<string, Answer>> {
    const answers: Record<string, Answer> = {};
    for (const id of OPERATION_IDS) {
      const reply = await served.send({ ...requestFor(id), key });
      expect(reply.status, `${id}: ${reply.text}`).not.to.equal(500);
      answers[id] = answerOf(reply);
    }
    return answers;
  }

  const expected = (isLetIn: (id: OperationId) => boolean, refusal: Answer) =>
    Object.fromEntries(OPERATION_IDS.map((id) => [id, isLetIn(id) ? 'letIn' : refusal]));

  it('lets strangers into what is open, and tells them 401 elsewhere', async () => {
    const answers = expected(isOpenToStrangers, 'unauthenticated');
    expect(await answersTo(undefined)).to.deep.equal(answers);
    expect(await answersTo('wrong')).to.deep.equal(answers);
    expect(await answersTo(`fobd_${'0'.repeat(16)}_${'A'.repeat(43)}`)).to.deep.equal(answers);
  });

  for (const scope of SCOPES) {
    it(`lets scope ${scope} into what the table says, and tells it 403 elsewhere`, async () => {
      const answers = expected((id) => allowedByScope(id, scope), 'forbidden');
      expect(await answersTo(await served.key(scope))).to.deep.equal(answers);
    });
  }

  for (const role of ROLES) {
    it(`lets role ${role} into what the table says, and tells it 403 elsewhere`, async () => {
      const key = await served.key(...ROLE_DEFINITIONS[role].scopes);
      const answers = expected((id) => allowedByRole(id, role), 'forbidden');
      expect(await answersTo(key)).to.deep.equal(answers);
    });
  }
});
