import type { Client } from '../../shared/client/client.ts';
import { FobtwinError } from '../../shared/errors.ts';
import type { Outcome } from '../../shared/types.ts';
import type { ReplyOf } from '../../shared/wire/operations.ts';
import { drawPress } from './picture.ts';
import type { Stage } from './stage.ts';
import type { Transcript } from './transcript.ts';

/**
 * The main job, played against the running programs: a token is made, imported, registered by its
 * serial and two codes, logs in, is refused on replay, is locked by guesses and freed by a resync.
 * Every outcome is checked; one that is not as told ends the story with an error.
 */
export interface Cast {
  readonly stage: Stage;
  readonly transcript: Transcript;
  /** The administrator of the lab. */
  readonly administrator: Client;
  /** Makes a client for an application's API key. */
  readonly clientFor: (apiKey: string) => Client;
  /** Reads the factory's seed file. */
  readonly readFile: (file: string) => Promise<Uint8Array<ArrayBuffer>>;
  readonly seedFile: string;
}

export interface StoryResult {
  readonly serial: string;
  readonly account: string;
  /** The login page's API key; it works in this lab only. */
  readonly apiKey: string;
}

interface Press {
  readonly at: string;
  readonly display: string;
  readonly code: string | null;
}

const ACCOUNT = 'jennifer';
/** Guesses that lock a token (DESIGN section 4: `failuresInRow` locks at 10). */
const GUESSES = 10;

export async function playStory(cast: Cast): Promise<StoryResult> {
  const serial = await makeToken(cast);
  await importToken(cast, serial);
  await register(cast, serial);
  const login = await openLoginPage(cast);
  const code = await logIn(cast, login.client, serial);
  await replay(cast, login.client, serial, code);
  await guess(cast, login.client, serial);
  await resync(cast, serial);
  await advance(cast, '30s');
  cast.transcript.scene('Jennifer logs in again');
  await tell(cast, login.client, await press(cast, serial), 'accepted');
  await showAudit(cast, serial);
  return { serial, account: ACCOUNT, apiKey: login.apiKey };
}

async function makeToken(cast: Cast): Promise<string> {
  const { stage, transcript, seedFile } = cast;
  const { now } = await cast.administrator.call('getClock', {});
  transcript.scene('The factory makes a token and writes its seed file');
  transcript.command(`fob make --profile c30 --seed-file ${seedFile}`);
  const made = await stage.fob<{ tokens: { serial: string; profile: string }[] }>(
    'make',
    ...['--profile', 'c30', '--seed-file', seedFile, '--at', now],
  );
  const serial = made.tokens[0]?.serial;
  if (serial === undefined) throw new FobtwinError('internal', 'fob made no token');
  transcript.say(`On its back stands the serial ${serial}; its display is dark.`);
  return serial;
}

async function importToken(cast: Cast, serial: string): Promise<void> {
  const { administrator, transcript, readFile, seedFile } = cast;
  transcript.scene('The operator imports the seed file and adds an account');
  const report = await administrator.call('importSeedFile', {
    stream: await readFile(seedFile),
    contentType: 'application/pskc+xml',
  });
  transcript.exchange('POST /v1/seed-files (PSKC, RFC 6030)', `imported ${report.imported}`);
  const { token } = await administrator.call('getToken', { params: { serial } });
  transcript.exchange(`GET /v1/tokens/${serial}`, `${token.life}, no account`);
  await administrator.call('addAccount', { body: { id: ACCOUNT, name: 'Jennifer Blue' } });
  transcript.exchange(`POST /v1/accounts {"id":"${ACCOUNT}"}`, 'added');
}

async function register(cast: Cast, serial: string): Promise<void> {
  const { administrator, transcript } = cast;
  transcript.scene('Jennifer registers the token: serial, a code, 30 seconds, another code');
  const code1 = await press(cast, serial);
  await advance(cast, '30s');
  const code2 = await press(cast, serial);
  const reply = await administrator.call('registerToken', {
    params: { serial },
    body: { account: ACCOUNT, code1, code2 },
  });
  transcript.exchange(
    `POST /v1/tokens/${serial}/registration ` +
      `{"account":"${ACCOUNT}","code1":"${code1}","code2":"${code2}"}`,
    `${reply.outcome}, ${reply.token?.life ?? ''}`,
  );
  expectOutcome(reply.outcome, 'accepted', 'the registration');
}

async function openLoginPage({ administrator, clientFor }: Cast) {
  const { apiKey } = await administrator.call('addApplication', {
    body: { name: 'login page', scopes: ['verify', 'verify:detail'] },
  });
  return { apiKey, client: clientFor(apiKey) };
}

async function logIn(cast: Cast, client: Client, serial: string): Promise<string> {
  cast.transcript.scene('A login: the pressed button becomes an accepted code');
  await advance(cast, '30s');
  const code = await press(cast, serial);
  await tell(cast, client, code, 'accepted');
  return code;
}

async function replay(cast: Cast, client: Client, serial: string, code: string): Promise<void> {
  cast.transcript.scene('Somebody who looked over her shoulder sends the same code');
  await tell(cast, client, code, 'replayed');
  cast.transcript.say(
    `A code is accepted once. A replay neither counts as a failure nor locks ${serial}.`,
  );
}

async function guess(cast: Cast, client: Client, serial: string): Promise<void> {
  const { administrator, transcript } = cast;
  transcript.scene('A guesser tries codes; each failure makes the wait longer, the tenth locks');
  for (let failures = 1; failures <= GUESSES; failures += 1) {
    const code = String(failures * 111_111).slice(0, 6);
    await tell(cast, client, code, 'wrongCode');
    const { outcome, retryAfterSeconds } = await verify(client, code);
    if (outcome === 'throttled' && retryAfterSeconds !== undefined) {
      transcript.exchange('the next one at once', `throttled, wait ${retryAfterSeconds} s`);
      await advance(cast, `${retryAfterSeconds}s`);
    }
  }
  await advance(cast, '30s');
  transcript.say('Now even the right code is refused, untested and unspent:');
  await tell(cast, client, await press(cast, serial), 'locked');
  const { token } = await administrator.call('getToken', { params: { serial } });
  transcript.exchange(`GET /v1/tokens/${serial}`, `holds: ${token.holds.join(', ')}`);
}

async function resync(cast: Cast, serial: string): Promise<void> {
  const { administrator, transcript } = cast;
  transcript.scene('Jennifer resyncs the token with two codes, which lifts the lock');
  await advance(cast, '30s');
  const code1 = await press(cast, serial);
  await advance(cast, '30s');
  const code2 = await press(cast, serial);
  const reply = await administrator.call('resyncToken', {
    params: { serial },
    body: { code1, code2 },
  });
  const holds = reply.token?.holds ?? [];
  transcript.exchange(
    `POST /v1/tokens/${serial}/resync {"code1":"${code1}","code2":"${code2}"}`,
    `${reply.outcome}, holds: ${holds.length === 0 ? 'none' : holds.join(', ')}`,
  );
  expectOutcome(reply.outcome, 'accepted', 'the resync');
}

async function showAudit({ administrator, transcript }: Cast, serial: string): Promise<void> {
  transcript.scene('All of it stands in the audit log, a hash chain');
  const { items } = await administrator.call('listAudit', { query: { serial, limit: 100 } });
  for (const entry of items.slice(-6)) {
    transcript.say(`${entry.at}  ${entry.action}  ${entry.outcome ?? ''}`);
  }
  const verdict = await administrator.call('verifyAudit', {});
  const word = verdict.sound ? 'sound' : `not sound: ${verdict.fault}`;
  transcript.exchange('GET /v1/audit/verification', `${word}, ${verdict.entries} entries`);
  if (!verdict.sound) throw new FobtwinError('internal', 'The audit chain is not sound');
}

/** Presses the button at the lab's time and draws what the LCD shows. */
async function press(cast: Cast, serial: string): Promise<string> {
  const { now } = await cast.administrator.call('getClock', {});
  const shown = await cast.stage.fob<Press>('press', serial, '--at', now);
  if (shown.code === null) throw new FobtwinError('internal', `${serial} shows no code`);
  cast.transcript.say(`${serial} is pressed at ${now.slice(11, 19)}:`);
  cast.transcript.picture(drawPress(shown));
  return shown.code;
}

async function advance(cast: Cast, span: string): Promise<void> {
  await cast.administrator.call('moveClock', { body: { advance: span } });
}

/** Sends a code as the login page does, and holds the answer against what should come. */
async function tell(cast: Cast, client: Client, code: string, expected: Outcome): Promise<void> {
  const reply = await verify(client, code);
  const strength = reply.strength === undefined ? '' : `, strength ${reply.strength}`;
  cast.transcript.exchange(
    `POST /v1/verify {"account":"${ACCOUNT}","code":"${code}"}`,
    `${reply.outcome}${strength}`,
  );
  expectOutcome(reply.outcome, expected, `code ${code}`);
}

function verify(client: Client, code: string): Promise<ReplyOf<'verify'>> {
  return client.call('verify', { body: { account: ACCOUNT, code } });
}

function expectOutcome(outcome: Outcome, expected: Outcome, what: string): void {
  if (outcome === expected) return;
  throw new FobtwinError('internal', `Expected ${expected} for ${what}, not ${outcome}`, {
    nextStep: 'Run it again; if it says the same, please report it with this transcript.',
  });
}
