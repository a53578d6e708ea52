import type { BodyOf, OperationId, ReplyOf, StreamingId } from '../../shared/wire/operations.ts';
import { APPLICATIONS_EXAMPLES } from './openapi-examples-applications.ts';
import { CREDENTIALS_EXAMPLES } from './openapi-examples-credentials.ts';
import { HELPDESK_EXAMPLES } from './openapi-examples-helpdesk.ts';
import { NOTICES_EXAMPLES } from './openapi-examples-notices.ts';
import { OIDC_EXAMPLES } from './openapi-examples-oidc.ts';
import { ORDERS_EXAMPLES } from './openapi-examples-orders.ts';
import { PHONES_EXAMPLES } from './openapi-examples-phones.ts';
import { PROOFING_EXAMPLES } from './openapi-examples-proofing.ts';

/** Examples in the OpenAPI document; a test parses each by its operation's own schemas. */

type WithBody = {
  [Id in OperationId]: BodyOf<Id> extends undefined ? never : Id;
}[OperationId];

type Examples = {
  readonly [Id in OperationId]: (Id extends WithBody ? { readonly body: BodyOf<Id> } : unknown) &
    (Id extends StreamingId ? object : { readonly reply: ReplyOf<Id> });
};

const token = {
  serial: 'FT00000001',
  life: 'registered',
  holds: [],
  type: 'time',
  algorithm: 'SHA1',
  digits: 6,
  stepSeconds: 30,
  account: 'jennifer',
  manufacturer: 'Fobtwin emulator',
  model: 'c30',
  importedAt: '2026-01-01T00:00:00.000Z',
  registeredAt: '2026-01-02T09:00:00.000Z',
  lastAcceptedAt: '2026-01-02T09:00:00.000Z',
  clock: {
    offsetSeconds: -2.4,
    ppm: -1.5,
    uncertaintySeconds: 10.7,
    learntAt: '2026-01-02T09:00:00.000Z',
    stepsBefore: 2,
    stepsAfter: 1,
  },
  failuresInRow: 0,
  failuresSinceSuccess: 0,
  failedPairs: 0,
} satisfies ReplyOf<'getToken'>['token'];

const { clock: _, ...withoutClock } = token;

const account = {
  id: 'jennifer',
  name: 'Jennifer Blue',
  legalName: 'Jennifer Marie Blue',
  organisation: 'Example Ltd',
  email: 'jennifer@example.com',
  country: 'US',
  roles: ['user'],
  createdAt: '2026-01-01T00:00:00.000Z',
  directory: false,
  serials: ['FT00000001'],
} satisfies ReplyOf<'getAccount'>['account'];

const session = {
  id: 'a1b2c3d4e5f60718',
  account: 'jennifer',
  strength: 'hardwareToken',
  authenticatedAt: '2026-01-02T09:00:00.000Z',
  strengthAt: '2026-01-02T09:00:00.000Z',
  serial: 'FT00000001',
  createdAt: '2026-01-02T09:00:00.000Z',
  lastSeenAt: '2026-01-02T09:10:00.000Z',
  expiresAt: '2026-01-02T21:00:00.000Z',
} satisfies NonNullable<ReplyOf<'lookUpSession'>['session']>;

/** Of no session. */
const sessionToken = 'EXAMPLE'.padEnd(43, '-');

const entry = {
  writer: '3f1c5b0e9a7d4e62',
  sequence: 1,
  previousHash: '0'.repeat(64),
  at: '2026-01-02T09:00:00.000Z',
  actor: 'application:0123456789abcdef',
  action: 'verify',
  outcome: 'accepted',
  serial: 'FT00000001',
  application: '0123456789abcdef',
} satisfies ReplyOf<'listAudit'>['items'][number];

const rotation = {
  dataKey: '5f0c2a81',
  state: 'running',
  startedAt: '2026-02-01T00:00:00.000Z',
  resealed: 450,
  remaining: 550,
  unreadable: 0,
} satisfies ReplyOf<'getKeyRotation'>['rotation'];

const retention = { base: 0, through: 4096, hash: 'a'.repeat(64), entries: 4096 };
const clock = { now: '2026-02-01T00:00:00.000Z', frozen: false };
const twoCodes = { code1: '755224', code2: '287082' };

const decision = {
  sentence: 'A code was given that had been used already, or that came before a used one.',
  nextStep: 'Wait for the next code, or press again: each code works once.',
  sequence: 12,
  at: '2026-01-02T09:00:00.000Z',
  actor: 'application:0123456789abcdef',
  action: 'verify',
  outcome: 'replayed',
  serial: 'FT00000001',
} satisfies ReplyOf<'explainToken'>['decisions'][number];

const fit = {
  sentence:
    'The codes fit a time token of 60 s, SHA1, 6 digits, with its clock right: ' +
    'the seed as it was imported.',
  nextStep: 'Import the token anew, under another serial, with these values.',
  type: 'time',
  algorithm: 'SHA1',
  digits: 6,
  stepSeconds: 60,
  offsetSteps: 0,
  seedReading: 'asStored',
} satisfies NonNullable<ReplyOf<'explainToken'>['fits']>[number];

export const EXAMPLES: Examples = {
  healthz: { reply: { status: 'ok' } },
  readyz: { reply: { status: 'ok' } },
  metrics: {},
  verify: {
    body: { serial: 'FT00000001', code: '755224' },
    reply: {
      accepted: true,
      outcome: 'accepted',
      serial: 'FT00000001',
      strength: 'hardwareToken',
    },
  },
  importSeedFile: {
    reply: {
      imported: 1,
      skipped: 1,
      refused: 1,
      rows: [
        { serial: 'FT00000001', result: 'skipped', reason: 'exists' },
        { serial: 'FT00000002', result: 'imported' },
        { serial: 'FT00000003', result: 'refused', reason: 'seedTooShort', field: 'line 4/seed' },
      ],
    },
  },
  exportSeedFile: { body: { format: 'pskc', serials: ['FT00000001', 'FT00000002'] } },
  listTokens: { reply: { items: [token], nextCursor: null } },
  getToken: { reply: { token } },
  registerToken: {
    body: { account: 'jennifer', ...twoCodes },
    reply: { outcome: 'accepted', token },
  },
  resyncToken: { body: twoCodes, reply: { outcome: 'accepted', token } },
  unlockToken: { body: { reason: 'asked by phone' }, reply: { token } },
  lockToken: {
    body: { reason: 'under inquiry' },
    reply: { token: { ...token, holds: ['adminLocked'] } },
  },
  enableToken: { body: {}, reply: { token } },
  suspendToken: {
    body: { reason: 'on leave' },
    reply: { token: { ...token, holds: ['suspended'] } },
  },
  resumeToken: { body: {}, reply: { token } },
  loseToken: {
    body: { reason: 'left in a train' },
    reply: { token: { ...token, holds: ['lost'] } },
  },
  findToken: { body: {}, reply: { token } },
  revokeToken: {
    body: { reason: 'replaced' },
    reply: { token: { ...token, life: 'revoked', revokedAt: '2026-06-01T00:00:00.000Z' } },
  },
  resetTokenDrift: { body: { reason: 'new battery' }, reply: { token: withoutClock } },
  reportTokenLost: {
    body: { reason: 'left in a train' },
    reply: { token: { serial: 'FT00000001', life: 'registered', holds: ['lost'] } },
  },
  reportTokenFound: {
    body: {},
    reply: { token: { serial: 'FT00000001', life: 'registered', holds: [] } },
  },
  replaceToken: {
    body: { serial: 'FT00000002', ...twoCodes, reason: 'left in a train' },
    reply: { outcome: 'accepted', token: { ...token, serial: 'FT00000002' } },
  },
  listAccounts: { reply: { items: [account], nextCursor: null } },
  addAccount: {
    body: { id: 'jennifer', name: 'Jennifer Blue', email: 'jennifer@example.com', country: 'US' },
    reply: { account },
  },
  getAccount: { reply: { account } },
  changeAccount: { body: { legalName: 'Jennifer Marie Blue', email: null }, reply: { account } },
  disableAccount: {
    body: { reason: 'has left' },
    reply: { account: { ...account, disabledAt: '2026-06-01T00:00:00.000Z' } },
  },
  enableAccount: { body: {}, reply: { account } },
  setPassword: { body: { password: 'correct horse battery staple' }, reply: { account } },
  removePassword: { reply: { account } },
  beginSession: {
    body: {
      user: 'jennifer',
      password: 'as she typed it',
      code: '755224',
      source: '198.51.100.7',
    },
    reply: { outcome: 'accepted', session, sessionToken },
  },
  lookUpSession: { body: { sessionToken }, reply: { active: true, session } },
  elevateSession: {
    body: { sessionToken, code: '755224' },
    reply: { outcome: 'accepted', session },
  },
  endSession: { body: { sessionToken }, reply: { active: false } },
  listAccountSessions: { reply: { items: [session] } },
  endAccountSessions: { body: {}, reply: { ended: 2 } },
  ...APPLICATIONS_EXAMPLES,
  ...CREDENTIALS_EXAMPLES,
  ...HELPDESK_EXAMPLES,
  ...OIDC_EXAMPLES,
  ...NOTICES_EXAMPLES,
  ...ORDERS_EXAMPLES,
  ...PHONES_EXAMPLES,
  ...PROOFING_EXAMPLES,
  listAudit: { reply: { items: [entry], nextCursor: null } },
  verifyAudit: {
    reply: { sound: true, entries: 1, head: { sequence: 1, hash: 'a'.repeat(64) } },
  },
  listKeys: {
    reply: {
      masterKey: '9b1c77aa',
      dataKeys: [
        { id: '5f0c2a81', createdAt: '2026-01-01T00:00:00.000Z', current: true, seeds: 1000 },
      ],
    },
  },
  getKeyRotation: { reply: { rotation } },
  rotateKeys: { reply: { rotation } },
  rewrapKeys: {
    body: { masterKey: '00112233445566778899aabbccddeeff'.repeat(2) },
    reply: { from: '3f2a91c0', to: '9b1c77aa' },
  },
  getAuditCheckpoint: {
    reply: {
      writer: '3f1c5b0e9a7d4e62',
      sequence: 4711,
      hash: 'a'.repeat(64),
      at: '2026-02-01T00:00:00.000Z',
      keyId: '56475aa75463474c',
      signature: 'r'.repeat(86),
    },
  },
  getAuditPublicKey: {
    reply: {
      keyId: '56475aa75463474c',
      publicKey: '-----BEGIN PUBLIC KEY-----\n...\n-----END PUBLIC KEY-----\n',
    },
  },
  exportAudit: {},
  planAuditRetention: { reply: retention },
  retainAudit: {
    body: { through: 4096, hash: 'a'.repeat(64), exported: true },
    reply: retention,
  },
  reindexAudit: { body: {}, reply: { runs: 244, repaired: 1 } },
  createBackup: {},
  explainToken: {
    body: twoCodes,
    reply: {
      serial: 'FT00000001',
      state: {
        sentence: 'It is registered, and nothing holds it.',
        nextStep: 'Nothing is to be done.',
      },
      decisions: [decision],
      fits: [fit],
      pairsLeft: 4,
    },
  },
  explainAccount: {
    body: {},
    reply: { account: 'jennifer', serials: ['FT00000001'], decisions: [decision] },
  },
  getClock: { reply: clock },
  moveClock: { body: { advance: '30d' }, reply: clock },
};
