import type { Client } from '../../shared/client/client.ts';
import { type ErrorCode, FobtwinError } from '../../shared/errors.ts';
import { EMULATOR_MANUFACTURER } from '../../shared/seed-files/entry.ts';
import { formatPskc } from '../../shared/seed-files/pskc-writer.ts';
import { parseTime } from '../../shared/time.ts';
import type {
  AccountId,
  Hold,
  Life,
  LifeVerb,
  Outcome,
  Serial,
  Strength,
  UnixMillis,
} from '../../shared/types.ts';
import type { OperationId } from '../../shared/wire/operations.ts';
import type { Device } from '../device/types.ts';
import { type AnswerCode, JUDGEMENTS } from './commands.ts';

/** A fobd as a scenario knows it. */
export interface Fobd {
  /** `lab`: its clock stands still, and moves with the scenario's. */
  readonly clock: 'lab' | 'real';
  readonly startsAt: UnixMillis;
  /** Only where its clock is a lab's. */
  advance(millis: number): Promise<void>;
  /** The factory's seed file. Refuses a serial that is already there: its seed is another. */
  importTokens(devices: readonly Device[]): Promise<void>;
  submit(submission: Submission): Promise<Answer>;
  /** What it knows of one token. */
  token(serial: Serial): Promise<{ readonly life: Life; readonly holds: readonly Hold[] }>;
}

export type Submission = { readonly serial: Serial } & (
  | { readonly kind: 'verify'; readonly code: string; readonly account?: AccountId }
  | { readonly kind: 'register'; readonly codes: Pair; readonly account: AccountId }
  | { readonly kind: 'resync'; readonly codes: Pair }
  | { readonly kind: 'order'; readonly verb: LifeVerb }
);
type Pair = readonly [string, string];

/** What a submission came to: an outcome, or the code of the error that refused it. */
export interface Answer {
  readonly outcome: AnswerCode;
  readonly strength?: Strength;
  readonly retryAfterSeconds?: number;
}

const ORDERS = {
  unlock: 'unlockToken',
  lock: 'lockToken',
  enable: 'enableToken',
  suspend: 'suspendToken',
  resume: 'resumeToken',
  lost: 'loseToken',
  found: 'findToken',
  revoke: 'revokeToken',
  resetDrift: 'resetTokenDrift',
} as const satisfies Record<LifeVerb, OperationId>;

/** Times by which simulated time begins are whole minutes: a step of every model begins there. */
const MINUTE_MILLIS = 60_000;

export interface ConnectOptions {
  readonly client: Client;
  /** The scenario's clock; a lab is asked to stand still only for a simulated one. */
  readonly clock: 'simulated' | 'real';
  readonly now: UnixMillis;
  /** Simulated time begins there, or, where a lab's clock is later, at its next whole minute. */
  readonly startAt: UnixMillis;
}

/**
 * Says hello to a fobd. A lab's clock is frozen for a simulated scenario.
 *
 * @throws FobtwinError what the server sent, or `unavailable`
 */
export async function connectFobd(options: ConnectOptions): Promise<Fobd> {
  const { client, now } = options;
  const lab = await labTime(client);
  if (lab === undefined || options.clock === 'real') {
    return createFobd(client, { clock: 'real', startsAt: now });
  }
  await client.call('moveClock', { body: { frozen: true } });
  const frozenAt = timeOf(await client.call('getClock'));
  const nextMinute = Math.ceil(frozenAt / MINUTE_MILLIS) * MINUTE_MILLIS;
  const startsAt = Math.max(options.startAt, nextMinute) as UnixMillis;
  const fobd = createFobd(client, { clock: 'lab', startsAt });
  await fobd.advance(startsAt - frozenAt);
  return fobd;
}

/** Can this fobd's clock be moved? */
export async function isLab(client: Client): Promise<boolean> {
  return (await labTime(client)) !== undefined;
}

/** Undefined: no lab, or one whose clock the API key may not move. */
async function labTime(client: Client): Promise<UnixMillis | undefined> {
  try {
    return timeOf(await client.call('getClock'));
  } catch (error) {
    const isReal = error instanceof FobtwinError && error.code === 'notFound';
    if (isReal) return undefined;
    throw error;
  }
}

function timeOf({ now }: { readonly now: string }): UnixMillis {
  const time = parseTime(now);
  if (time !== undefined) return time;
  throw new FobtwinError('internal', "The lab's clock was not understood");
}

function createFobd(client: Client, { clock, startsAt }: Pick<Fobd, 'clock' | 'startsAt'>): Fobd {
  const accounts = new Set<AccountId>();
  return {
    clock,
    startsAt,
    async advance(millis) {
      if (millis > 0) await client.call('moveClock', { body: { advance: `${millis}ms` } });
    },
    async importTokens(devices) {
      const file = formatPskc(devices.map(entryOf));
      const reply = await client.call('importSeedFile', {
        stream: new TextEncoder().encode(file),
        contentType: 'application/pskc+xml',
      });
      const known = reply.rows.find(({ result }) => result === 'skipped');
      if (known === undefined) return;
      throw new FobtwinError('exists', `This fobd already knows a token ${known.serial}`, {
        nextStep: 'Run with another --random-seed, or without --fobd in a lab of its own.',
      });
    },
    async submit(submission) {
      if (submission.kind === 'register' && !accounts.has(submission.account)) {
        await addAccount(client, submission.account);
        accounts.add(submission.account);
      }
      try {
        return await send(client, submission);
      } catch (error) {
        const judgement = error instanceof FobtwinError ? judgementOf(error.code) : undefined;
        if (judgement === undefined) throw error;
        return { outcome: judgement };
      }
    },
    async token(serial) {
      const { token } = await client.call('getToken', { params: { serial } });
      return token;
    },
  };
}

/** `revoked` is an outcome and the code of an error; either way it is the answer. */
function judgementOf(code: ErrorCode): AnswerCode | undefined {
  return code === 'revoked' ? code : JUDGEMENTS.find((judgement) => judgement === code);
}

async function send(client: Client, submission: Submission): Promise<Answer> {
  const { serial } = submission;
  switch (submission.kind) {
    case 'verify': {
      const { account, code } = submission;
      const whose = account === undefined ? { serial } : { account };
      const reply = await client.call('verify', { body: { ...whose, code } });
      return pick(reply);
    }
    case 'register': {
      const [code1, code2] = submission.codes;
      const body = { account: submission.account, code1, code2 };
      return pick(await client.call('registerToken', { params: { serial }, body }));
    }
    case 'resync': {
      const [code1, code2] = submission.codes;
      return pick(await client.call('resyncToken', { params: { serial }, body: { code1, code2 } }));
    }
    case 'order':
      await client.call(ORDERS[submission.verb], { params: { serial }, body: {} });
      return { outcome: 'accepted' };
  }
}

function pick(reply: {
  readonly outcome: Outcome;
  readonly strength?: Strength | undefined;
  readonly retryAfterSeconds?: number | undefined;
}): Answer {
  const { outcome, strength, retryAfterSeconds } = reply;
  return {
    outcome,
    ...(strength === undefined ? {} : { strength }),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  };
}

async function addAccount(client: Client, id: AccountId): Promise<void> {
  try {
    await client.call('addAccount', { body: { id } });
  } catch (error) {
    if (!(error instanceof FobtwinError && error.code === 'exists')) throw error;
  }
}

/** A token as the factory's seed file has it. */
function entryOf({ serial, seed, parameters, profile, state }: Device) {
  return {
    serial,
    seed,
    parameters,
    nextCounter: parameters.type === 'event' ? state.counter : 0,
    manufacturer: EMULATOR_MANUFACTURER,
    model: profile.name,
  };
}
