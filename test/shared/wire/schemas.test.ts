import { expect } from 'chai';
import fc from 'fast-check';
import { z } from 'zod';
import { FIELD_ERROR_CODES } from '../../../shared/errors.ts';
import { accountRequest } from '../../../shared/wire/accounts-schemas.ts';
import { auditQuery } from '../../../shared/wire/audit-schemas.ts';
import { OPERATIONS, type Operation } from '../../../shared/wire/operations.ts';
import * as schemas from '../../../shared/wire/schemas.ts';

const rows: readonly Operation[] = Object.values(OPERATIONS);
const inputs = rows.flatMap(({ params, query, body }) =>
  [params, query, body].filter((schema) => schema !== undefined),
);
const messagesOf = (schema: z.ZodType, value: unknown): string[] =>
  schema.safeParse(value).error?.issues.map(({ message }) => message) ?? [];

describe('schemas of /v1', () => {
  it('speak in field error codes, whatever they are given', () => {
    const names = new Set<string>();
    for (const schema of inputs) {
      const { properties = {} } = z.toJSONSchema(schema, { io: 'input' });
      for (const name of Object.keys(properties)) names.add(name);
    }
    const values = fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      fc.constantFrom('755224', 'ft1', 'jennifer', '30d', 'true', '50', '', 'x'.repeat(600)),
    );
    const bodies = fc.oneof(
      fc.jsonValue(),
      fc.dictionary(fc.constantFrom(...names, 'colour', '__proto__'), values),
    );
    fc.assert(
      fc.property(fc.constantFrom(...inputs), bodies, (schema, value) => {
        const plain = typeof value === 'object' && value !== null ? { ...value } : value;
        for (const message of messagesOf(schema, plain)) {
          expect(FIELD_ERROR_CODES).to.include(message);
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('read numbers of a query from decimal digits alone', () => {
    const { limit } = schemas.tokenListQuery.parse({ limit: '7' });
    expect(limit).to.equal(7);
    expect(schemas.tokenListQuery.parse({}).limit).to.equal(50);
    for (const text of ['', ' 7', '7.0', '0x10', '1e2', '٧', 'seven']) {
      expect(messagesOf(schemas.tokenListQuery, { limit: text }), text).to.deep.equal([
        'wrongType',
      ]);
    }
    expect(messagesOf(schemas.tokenListQuery, { limit: '0' })).to.deep.equal(['tooSmall']);
    expect(messagesOf(auditQuery, { after: '-1' })).to.deep.equal(['tooSmall']);
    expect(auditQuery.parse({ after: '0' }).after).to.equal(0);
  });

  it('take no sign that turns the text beside it, in names, labels and reasons', () => {
    const signs = [0x202a, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069, 0x200e, 0x200f, 0x061c];
    for (const sign of signs) {
      const name = `Jane ${String.fromCodePoint(sign)}Doe`;
      const account = { id: 'jane', name, legalName: name, organisation: name };
      const { issues = [] } = accountRequest.safeParse(account).error ?? {};
      expect(issues.map(({ path, message }) => [path.join('/'), message])).to.deep.equal(
        ['name', 'legalName', 'organisation'].map((field) => [field, 'directionSign']),
      );
      expect(messagesOf(schemas.lifeVerbRequest, { reason: name })).to.deep.equal([
        'directionSign',
      ]);
    }
    for (const name of ['ג׳יין דו', 'جين دو', 'Jane Doe', 'Zoë 👩‍🚀']) {
      expect(messagesOf(schemas.lifeVerbRequest, { reason: name }), name).to.deep.equal([]);
    }
  });

  it('take one line, and no more, where one is asked for', () => {
    for (const end of ['\n', '\r', '\u0085', '\u2028', '\u2029']) {
      const reason = `left at home${end}Account jane is unlocked.`;
      expect(messagesOf(schemas.lifeVerbRequest, { reason })).to.deep.equal(['badFormat']);
    }
  });

  it('normalise a serial', () => {
    const parsed = schemas.verifyRequest.parse({ serial: ' ft 0000\t0001\n', code: '755224' });
    expect(parsed.serial).to.equal('FT00000001');
  });
});
