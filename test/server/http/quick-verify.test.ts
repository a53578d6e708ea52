import { expect } from 'chai';
import fc from 'fast-check';
import { quickVerify } from '../../../server/http/quick-verify.ts';
import { parseJson } from '../../../server/http/request-body.ts';
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

const text = fc.oneof(
  { arbitrary: body.map((value) => JSON.stringify(value)), weight: 5 },
  // As Python writes it.
  fc.tuple(serial, code).map((own) => {
    const [first, second] = own.map((one) => JSON.stringify(one));
    return `{"serial": ${first}, "code": ${second}}`;
  }),
  // Not by JSON's own rules.
  fc.tuple(serial, code).map(([one, other]) => `{"serial":"${one}","code":"${other}"}`),
);

describe('http: the quick way of a verification’s body', () => {
  it('reads nothing that the schema would not read so', () => {
    let quickly = 0;
    fc.assert(
      fc.property(text, (sent) => {
        const quick = quickVerify(sent);
        if (quick === undefined) return;
        quickly += 1;
        expect(verifyRequest.parse(parseJson(sent))).to.deep.equal(quick);
      }),
      { numRuns: 3000 },
    );
    expect(quickly).to.be.greaterThan(100);
  });

  it('takes the usual body, and leaves everything else to the schema', () => {
    const usual = { serial: 'FT00000001', code: '123456' };
    expect(quickVerify(JSON.stringify(usual))).to.deep.equal(usual);
    expect(quickVerify('{"serial": "FT00000001", "code": "123456"}')).to.deep.equal(usual);
    for (const other of [
      '{"serial":"FT1","code":"123456","__proto__":{}}',
      '{"serial":"FT1","code":"123456\\n"}',
      '{"serial":"FT1","code":"123456"}\n',
      '\uFEFF{"serial":"FT1","code":"123456"}',
      '{"code":"123456","serial":"FT1"}',
      '{"serial":"ft1","code":"123456"}',
      '{"serial":"FT1","code":"12345"}',
      '',
    ]) {
      expect(quickVerify(other), other).to.equal(undefined);
    }
  });
});
