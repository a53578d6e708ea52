import { expect } from 'chai';
import fc from 'fast-check';
import { quickVerify } from '../../../server/http/quick-verify.ts';
import { verifyRequest } from '../../../shared/wire/schemas.ts';

const serial = fc.oneof(
  fc.stringMatching(/^[A-Z0-9][A-Z0-9._-]{0,63}$/),
  fc.stringMatching(/^[A-Za-z0-9._ \n-]{0,70}$/),
  fc.string(),
);
const code = fc.oneof(
  fc.stringMatching(/^[0-9]{6,8}$/),
  fc.stringMatching(/^[0-9\n]{0,10}$/),
  fc.string(),
);
const anything = fc.oneof(fc.integer(), fc.constant(null), fc.boolean(), fc.array(fc.string()));
const body = fc.oneof(
  { arbitrary: fc.record({ serial, code }), weight: 5 },
  fc.record({ serial: fc.oneof(serial, anything), code: fc.oneof(code, anything) }),
  fc.record({ serial, code, account: fc.string() }, { requiredKeys: ['code'] }),
  fc.record({ serial, code, credentialType: fc.constant('hardwareToken') }),
  fc.record({ serial, code, extra: anything }),
  anything,
);

describe('http: the quick way of a verification’s body', () => {
  it('reads nothing that the schema would not read so', () => {
    let quickly = 0;
    fc.assert(
      fc.property(body, (value) => {
        const sent: unknown = JSON.parse(JSON.stringify(value));
        const quick = quickVerify(sent);
        if (quick === undefined) return;
        quickly += 1;
        expect(verifyRequest.parse(sent)).to.deep.equal(quick);
      }),
      { numRuns: 3000 },
    );
    expect(quickly).to.be.greaterThan(100);
  });

  it('takes the usual body, and leaves what hides a third name to the schema', () => {
    const usual = { serial: 'FT00000001', code: '123456' };
    expect(quickVerify(usual)).to.deep.equal(usual);
    const hidden: unknown = JSON.parse('{"serial":"FT1","code":"123456","__proto__":{}}');
    expect(quickVerify(hidden)).to.equal(undefined);
    expect(quickVerify(JSON.parse('{"serial":"FT1","code":"123456\\n"}'))).to.equal(undefined);
  });
});
