import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { request } from 'undici';
import { EXAMPLES } from '../../../server/http/openapi-examples.ts';
import { OPERATIONS, type Operation, type OperationId } from '../../../shared/wire/operations.ts';
import { fobd } from '../../support/fobd-in-process.ts';
import {
  type InitResult,
  type ServingFobd,
  startFobd,
  temporaryDirectory,
} from '../../support/fobd-process.ts';

/**
 * What must never be logged, each recognisable wherever it comes up: seeds in three spellings,
 * codes, an API key, a passphrase, a password, a session's token, and whom they are about.
 */
const SEED = randomBytes(20);
const SERIAL = 'FT5550001112';
const ACCOUNT = 'jennifer-blue-555';
const CODES = ['73918462', '46205739'];
const PASSPHRASE = 'correct-horse-73918';
const PASSWORD = 'battery-staple-46205';
const SESSION_TOKEN = randomBytes(32).toString('base64url');
const REASON = 'a reason that 73918 people gave';

describe('what is logged and what is answered', () => {
  let remove: () => Promise<void>;
  let data: string;
  let apiKey: string;
  let running: ServingFobd;

  before(async function () {
    this.timeout(60_000);
    const directory = await temporaryDirectory();
    ({ remove } = directory);
    data = path.join(directory.place, 'data');
    const { stdout } = await fobd(['init', '--data', data, '--json']);
    ({ apiKey } = (JSON.parse(stdout) as InitResult).administrator);
    running = await startFobd(data, ['--log-level', 'debug', '--log-requests']);
  });
  after(async () => {
    running.signal('SIGKILL');
    await running.ended;
    await remove();
  });

  interface Asked {
    readonly method: Operation['method'];
    readonly path: string;
    readonly headers?: Record<string, string>;
    readonly body?: string;
  }

  async function ask({ method, path: where, headers = {}, body }: Asked): Promise<string> {
    const reply = await request(running.address + where, {
      method,
      headers: { authorization: `Bearer ${apiKey}`, ...headers },
      ...(body === undefined ? {} : { body }),
    });
    return text(reply.body);
  }

  /** Requests of every operation, all in them recognisable: right, and wrong in three ways. */
  function* requests(id: OperationId): Generator<Asked> {
    const row: Operation = OPERATIONS[id];
    const name = id.includes('ccount') ? ACCOUNT : '0123456789abcdef';
    const where = row.path.replace('{serial}', SERIAL).replace(/\{\w+\}/g, name);
    const { method } = row;
    const query = `?account=${ACCOUNT}&serial=${SERIAL}&code=${CODES[0]}&key=${apiKey}`;
    yield { method, path: where };
    yield { method, path: where + query };
    const keyed = { 'fobd-seed-file-key': `passphrase=${PASSPHRASE}` };
    if (row.streamed !== undefined) {
      for (const type of row.streamed) {
        const headers = { 'content-type': type, ...keyed };
        for (const file of [seedFile(), seedFile().slice(0, -8), '<KeyContainer']) {
          yield { method, path: where, headers, body: file };
        }
      }
    }
    if (method === 'GET') return;
    const headers = { 'content-type': 'application/json', ...keyed };
    const example: unknown = Reflect.get(EXAMPLES[id], 'body') ?? {};
    const body = JSON.stringify(recognisable(example));
    yield { method, path: where, headers, body };
    yield { method, path: where, headers, body: body.slice(0, -1) };
    yield { method, path: where, headers, body: `{"nonsense":${body},"code":["${apiKey}"]}` };
    const wrong = { authorization: `Bearer ${apiKey.slice(0, -1)}x` };
    yield { method, path: where, headers: { ...headers, ...wrong }, body };
  }

  const seedFile = (): string =>
    'serial,seed,algorithm,digits,counter\n' +
    `${SERIAL},${SEED.toString('hex')},SHA1,8,0\n${SERIAL}X,${SEED.toString('hex')},SHA7,8,0\n`;

  /** The example with what must not be logged in place of what stands there. */
  function recognisable(example: unknown): object {
    const known: Record<string, unknown> = {
      serial: SERIAL,
      account: ACCOUNT,
      id: ACCOUNT,
      code: CODES[0],
      code1: CODES[0],
      code2: CODES[1],
      reason: REASON,
      password: PASSWORD,
      sessionToken: SESSION_TOKEN,
    };
    const entries = Object.entries(example as Record<string, unknown>);
    return Object.fromEntries(entries.map(([name, value]) => [name, known[name] ?? value]));
  }

  const secrets = (): readonly string[] => [
    ...[SEED.toString('hex'), SEED.toString('base64'), SEED.toString('base64url')],
    ...[...CODES, PASSPHRASE, PASSWORD, SESSION_TOKEN],
    // The id before the secret part is no secret, and names the application.
    apiKey.slice('fobd_'.length + 17),
  ];

  it('holds nothing that was sent in confidence, at any level', async function () {
    this.timeout(120_000);
    const ids = Object.keys(OPERATIONS) as OperationId[];
    let problems = 0;
    for (const id of ids) {
      for (const asked of requests(id)) {
        const answer = await ask(asked);
        if (!answer.includes('urn:fobtwin:problem:')) continue;
        problems += 1;
        for (const secret of secrets()) expect(answer, `${id}'s problem`).not.to.contain(secret);
      }
    }
    expect(problems).to.be.greaterThan(ids.length);
    running.signal('SIGTERM');
    await running.ended;
    const log = running.log();
    const lines = log
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const logged = lines.filter(({ msg }) => msg === 'request');
    const asked = new Set(logged.map(({ operation }) => operation));
    expect([...asked].filter((one) => one !== undefined)).to.include.members([
      'verify',
      'importSeedFile',
    ]);
    expect(logged.every(({ requestId }) => typeof requestId === 'string')).to.equal(true);
    for (const said of [...secrets(), SERIAL, ACCOUNT, REASON]) expect(log).not.to.contain(said);
    const failed = lines.filter(({ level }) => Number(level) >= 50);
    expect(failed).to.deep.equal([]);
  });
});
