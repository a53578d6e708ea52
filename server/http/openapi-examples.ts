import type { BodyOf, OperationId, ReplyOf } from '../../shared/wire/operations.ts';

/** Examples in the OpenAPI document; a test parses each by its operation's own schemas. */

type WithBody = {
  [Id in OperationId]: BodyOf<Id> extends undefined ? never : Id;
}[OperationId];

type Examples = {
  readonly [Id in OperationId]: (Id extends WithBody ? { readonly body: BodyOf<Id> } : unknown) & {
    readonly reply: ReplyOf<Id>;
  };
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

const account = {
  id: 'jennifer',
  name: 'Jennifer Blue',
  createdAt: '2026-01-01T00:00:00.000Z',
  serials: ['FT00000001'],
};

const application = {
  id: '0123456789abcdef',
  name: 'VPN',
  scopes: ['verify'],
  createdAt: '2026-01-01T00:00:00.000Z',
};

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

const clock = { now: '2026-02-01T00:00:00.000Z', frozen: false };
const twoCodes = { code1: '755224', code2: '287082' };

export const EXAMPLES: Examples = {
  healthz: { reply: { status: 'ok' } },
  readyz: { reply: { status: 'ok' } },
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
      rows: [
        { serial: 'FT00000001', result: 'skipped', reason: 'exists' },
        { serial: 'FT00000002', result: 'imported' },
      ],
    },
  },
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
  listAccounts: { reply: { items: [account], nextCursor: null } },
  addAccount: { body: { id: 'jennifer', name: 'Jennifer Blue' }, reply: { account } },
  getAccount: { reply: { account } },
  listApplications: { reply: { items: [application], nextCursor: null } },
  addApplication: {
    body: { name: 'VPN', scopes: ['verify'] },
    reply: { id: '0123456789abcdef', apiKey: 'fobd_0123456789abcdef_SHOWN-ONCE' },
  },
  revokeApplication: {
    body: {},
    reply: { application: { ...application, revokedAt: '2026-06-01T00:00:00.000Z' } },
  },
  listAudit: { reply: { items: [entry], nextCursor: null } },
  verifyAudit: {
    reply: { sound: true, entries: 1, head: { sequence: 1, hash: 'a'.repeat(64) } },
  },
  getClock: { reply: clock },
  moveClock: { body: { advance: '30d' }, reply: clock },
};
