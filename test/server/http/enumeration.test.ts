import { expect } from 'chai';
import { MATRIX } from '../../../server/access/matrix.ts';
import { OPERATIONS, type OperationId } from '../../../shared/wire/operations.ts';
import { PARAMETERS, requestFor } from './every-operation.ts';
import { addPerson, signIn } from './people.ts';
import { type Served, serve } from './served.ts';

/**
 * Whether somebody exists is told to nobody who may not know it: for every operation that names an
 * account, the reply about one that there is and one that there is not is the same to the letter.
 */

const KNOWN = 'known.person';
const UNKNOWN = 'nobody.at.all';

const ABOUT_ACCOUNTS = (Object.keys(OPERATIONS) as OperationId[]).filter(
  (id) => OPERATIONS[id].path.includes('/accounts/{id}') && !MATRIX[id].lab,
);

describe('operations on accounts, asked by those who may not know', () => {
  let served: Served;
  let session: string;

  before(async () => {
    served = await serve();
    for (const id of [KNOWN, 'asking.person']) await addPerson(served, id);
    session = await signIn(served, 'asking.person');
    expect(session).to.match(/^[\w-]{43}$/);
  });
  after(() => served.close());

  const replyTo = async (id: OperationId, account: string, key: string | undefined) => {
    const request = requestFor(id, { ...PARAMETERS, id: account });
    const { status, headers, json } = await served.send({ ...request, key });
    const { requestId: _, ...rest } = json;
    return { status, rest, kind: headers['content-type'], challenge: headers['www-authenticate'] };
  };

  it('are many, so that this test says something', () => {
    expect(ABOUT_ACCOUNTS.length).to.be.at.least(10);
  });

  for (const id of ABOUT_ACCOUNTS) {
    it(`${id} says the same of everybody to strangers and to other people`, async () => {
      for (const key of [undefined, 'not-a-key', session]) {
        const known = await replyTo(id, KNOWN, key);
        expect(known.status).to.be.oneOf([401, 403]);
        expect(await replyTo(id, UNKNOWN, key)).to.deep.equal(known);
      }
    });
  }

  it('lets nobody be asked for by an application without the scope', async () => {
    const key = await served.key('metrics:read');
    for (const id of ABOUT_ACCOUNTS) {
      const known = await replyTo(id, KNOWN, key);
      expect(known.status, id).to.equal(403);
      expect(await replyTo(id, UNKNOWN, key), id).to.deep.equal(known);
    }
  });
});
