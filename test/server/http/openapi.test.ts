import { Validator } from '@seriousme/openapi-schema-validator';
import { expect } from 'chai';
import type { z } from 'zod';
import { MATRIX } from '../../../server/access/matrix.ts';
import { openApiDocument } from '../../../server/http/openapi.ts';
import { EXAMPLES } from '../../../server/http/openapi-examples.ts';
import { OPERATIONS, type Operation, type OperationId } from '../../../shared/wire/operations.ts';

type SpecData = Exclude<Parameters<Validator['validate']>[0], string>;

interface Media {
  readonly schema: { readonly $ref?: string };
  readonly example?: unknown;
}
interface Described {
  readonly operationId: string;
  readonly security: readonly Record<string, readonly string[]>[];
  readonly parameters: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> };
  readonly responses: Readonly<
    Record<string, { description: string; content: Readonly<Record<string, Media>> }>
  >;
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

const ids = Object.keys(OPERATIONS) as OperationId[];
const document = openApiDocument({ lab: true }) as unknown as Document;
const rowOf = (id: OperationId): Operation => OPERATIONS[id];
const described = (id: OperationId): Described => {
  const { path, method } = rowOf(id);
  const found = document.paths[path]?.[method.toLowerCase()];
  if (found === undefined) throw new Error(`${method} ${path} is not described`);
  return found;
};

describe('OpenAPI document', () => {
  it('is valid OpenAPI 3.1, in a lab and outside', async () => {
    for (const lab of [true, false]) {
      const validator = new Validator();
      const copy: SpecData = JSON.parse(JSON.stringify(openApiDocument({ lab })));
      const result = await validator.validate(copy);
      expect(result.valid, JSON.stringify(result.errors, undefined, 2)).to.equal(true);
      expect(validator.version).to.equal('3.1');
    }
  });

  it('would be found out if it were not', async () => {
    const copy = JSON.parse(JSON.stringify(openApiDocument({ lab: true })));
    delete copy.info.title;
    expect((await new Validator().validate(copy)).valid).to.equal(false);
  });

  it('describes every operation, and those of the lab in a lab only', () => {
    const operationIds = (lab: boolean) =>
      Object.values((openApiDocument({ lab }) as unknown as Document).paths).flatMap((path) =>
        Object.values(path).map(({ operationId }) => operationId),
      );
    expect(operationIds(true)).to.have.members(ids);
    expect(operationIds(false)).to.have.members(ids.filter((id) => !MATRIX[id].lab));
  });

  it('gives each its status, parameters, body, scopes and refusals', () => {
    for (const id of ids) {
      const { status, params, query, body, streamed } = rowOf(id);
      const { responses, parameters, requestBody, security } = described(id);
      expect(responses, id).to.have.property(String(status));
      expect(
        security.flatMap((need) => need['apiKey']),
        id,
      ).to.deep.equal(MATRIX[id].scopes);
      expect(
        parameters.some((parameter) => parameter.in === 'path'),
        id,
      ).to.equal(params !== undefined);
      expect(
        parameters.some((parameter) => parameter.in === 'query'),
        id,
      ).to.equal(query !== undefined);
      const media = streamed ?? (body === undefined ? [] : ['application/json']);
      expect(Object.keys(requestBody?.content ?? {}), id).to.deep.equal(media);
      const guarded = MATRIX[id].scopes.length > 0 ? ['401', '403', '503'] : [];
      const parsed = body !== undefined || streamed !== undefined ? ['400', '413', '415'] : [];
      const checked = (params ?? query ?? body) ? ['422'] : [];
      expect(responses, id).to.include.keys(...guarded, ...parsed, ...checked, '500');
    }
  });

  it('names every conflict that the services answer', () => {
    const conflicts = (id: OperationId) => described(id).responses['409']?.description.split(', ');
    const pairs = ['alreadyRegistered', 'notAllowedNow', 'revoked'];
    expect(conflicts('registerToken')).to.have.members(pairs);
    expect(conflicts('resyncToken')).to.have.members(['revoked']);
    expect(conflicts('addAccount')).to.have.members(['exists']);
    expect(conflicts('addApplication')).to.have.members(['exists', 'notAllowedNow']);
    expect(conflicts('revokeApplication')).to.have.members(['revoked']);
    expect(conflicts('lockToken')).to.have.members(['notAllowedNow', 'revoked']);
  });

  it('refers only to schemas that it holds, and holds none that nothing refers to', () => {
    const text = JSON.stringify(document);
    const references = [...text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)];
    const names = new Set(references.map(([, name]) => name));
    expect(Object.keys(document.components.schemas)).to.have.members([...names]);
    expect(text.match(/"\$ref":"(?!#\/components\/schemas\/)/)).to.equal(null);
  });

  it('has examples that its own schemas parse', () => {
    for (const id of ids) {
      const { body, reply, status } = rowOf(id);
      const { requestBody, responses } = described(id);
      if (reply === undefined) continue;
      const shown = responses[status]?.content['application/json']?.example;
      expect(shown, id).to.deep.equal(Reflect.get(EXAMPLES[id], 'reply'));
      expectParsed(reply, shown, id);
      if (body === undefined) continue;
      expectParsed(body, requestBody?.content['application/json']?.example, id);
    }
  });
});

function expectParsed(schema: z.ZodType, value: unknown, id: string): void {
  expect(value, id).not.to.equal(undefined);
  const result = schema.safeParse(value);
  expect(result.success, `${id}: ${result.error?.message}`).to.equal(true);
}
