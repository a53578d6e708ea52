import { z } from 'zod';
import * as accounts from '../../shared/wire/accounts-schemas.ts';
import * as applications from '../../shared/wire/applications-schemas.ts';
import * as audit from '../../shared/wire/audit-schemas.ts';
import * as credentials from '../../shared/wire/credentials-schemas.ts';
import * as explanations from '../../shared/wire/explanation-schemas.ts';
import * as helpdesk from '../../shared/wire/helpdesk-schemas.ts';
import * as keys from '../../shared/wire/keys-schemas.ts';
import * as mobileIds from '../../shared/wire/mobile-ids-schemas.ts';
import * as notices from '../../shared/wire/notices-schemas.ts';
import * as oidc from '../../shared/wire/oidc-schemas.ts';
import { OPERATIONS, type Operation } from '../../shared/wire/operations.ts';
import * as orders from '../../shared/wire/orders-schemas.ts';
import * as phones from '../../shared/wire/phones-schemas.ts';
import * as proofing from '../../shared/wire/proofing-schemas.ts';
import * as schemas from '../../shared/wire/schemas.ts';
import * as seedFiles from '../../shared/wire/seed-files-schemas.ts';
import * as sessions from '../../shared/wire/sessions-schemas.ts';

/** The schemas of /v1 as JSON Schema, under the names that they have in `shared/wire`. */

const COMPONENTS = '#/components/schemas/';

/** Schemas that stand alone in `shared/wire/*schemas.ts` are components, by their names there. */
const NAMES: ReadonlyMap<unknown, string> = new Map(
  Object.entries({
    ...schemas,
    ...credentials,
    ...explanations,
    ...accounts,
    ...applications,
    ...audit,
    ...helpdesk,
    ...keys,
    ...mobileIds,
    ...notices,
    ...oidc,
    ...phones,
    ...proofing,
    ...orders,
    ...seedFiles,
    ...sessions,
  }).map(([name, schema]) => [schema, name[0]?.toUpperCase() + name.slice(1)]),
);

const isRequest = (name: string): boolean => name.endsWith('Request');

export function reference(schema: z.ZodType | undefined): Json {
  const name = NAMES.get(schema);
  if (name === undefined)
    throw new TypeError('a schema of /v1 has no name in shared/wire/*schemas.ts');
  return { $ref: COMPONENTS + name };
}

export function componentSchemas(): Json {
  const published = Object.values(OPERATIONS).flatMap((row: Operation) => [row.body, row.reply]);
  const named = new Set<unknown>([...published, schemas.problem, ...VIEWS]);
  const requests = z.registry<{ id: string }>();
  const replies = z.registry<{ id: string }>();
  for (const [schema, name] of NAMES) {
    if (!named.has(schema)) continue;
    (isRequest(name) ? requests : replies).add(schema as z.ZodType, { id: name });
  }
  return { ...convertAll(requests, 'input'), ...convertAll(replies, 'output') };
}

/** Parts of replies that are worth a name of their own. */
const VIEWS = [
  schemas.tokenView,
  accounts.accountView,
  applications.applicationView,
  applications.applicationKeyView,
  keys.dataKeyView,
  keys.rotationView,
  oidc.oidcClientView,
  oidc.oidcKeyView,
  phones.phoneView,
  proofing.proofingView,
  phones.phoneCodeView,
  phones.capturedTextView,
  notices.noticeView,
  notices.webhookView,
  notices.capturedMailView,
  orders.orderView,
  orders.productView,
  sessions.sessionView,
  credentials.credentialView,
  credentials.subscriptionView,
  helpdesk.callerCheckView,
  helpdesk.approvalView,
  schemas.auditEntryView,
];

type Json = Record<string, unknown>;
type Io = 'input' | 'output';
interface ObjectSchema extends Json {
  readonly properties?: Readonly<Record<string, Json>>;
  readonly required?: readonly string[];
}

function convertAll(registry: z.core.$ZodRegistry<{ id: string }>, io: Io): Json {
  const uri = (id: string): string => COMPONENTS + id;
  const converted = z.toJSONSchema(registry, { io, uri, override: tidy(io) }).schemas;
  return Object.fromEntries(
    Object.entries(converted).map(([name, { $schema, $id, ...schema }]) => [name, schema]),
  );
}

export const toJsonSchema = (schema: z.ZodType, io: Io): ObjectSchema =>
  z.toJSONSchema(schema, { io, override: tidy(io) }) as ObjectSchema;

/** `example` is JSON Schema's `examples`; replies may grow fields, so clients must let them. */
const tidy =
  (io: Io) =>
  ({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }): void => {
    const { example } = jsonSchema as { example?: z.core.JSONSchema.JSONSchema };
    if (example !== undefined) {
      delete jsonSchema['example'];
      jsonSchema.examples = [example];
    }
    if (io === 'output') delete jsonSchema.additionalProperties;
    if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
    if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  };
