import { expect } from 'chai';
import { createClient, type FetchInit } from '../../../shared/client/client.ts';
import { FobtwinError } from '../../../shared/errors.ts';

const REPLY = { accepted: true, outcome: 'accepted', serial: 'A1', strength: 'hardwareToken' };
const body = { serial: 'A1', code: '123456' };
const problem = (status: number, code: string): Answer => ({
  status,
  type: 'application/problem+json',
  body: { type: `urn:fobtwin:problem:${code}`, title: 'T', status, code },
});

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: object;
}
const OK: Answer = { status: 200, type: 'application/json', body: REPLY };
const BUSY = problem(503, 'unavailable');

/** A network that does `answers` in turn; 'down' is no connection at all. */
function network(...answers: readonly (Answer | 'down')[]) {
  const sent: FetchInit[] = [];
  const waits: number[] = [];
  let keys = 0;
  const client = createClient({
    baseUrl: 'http://127.0.0.1:1',
    async fetch(_, init) {
      const answer = answers[sent.length] ?? 'down';
      sent.push(init);
      if (answer === 'down') throw new TypeError('fetch failed');
      const headers = { get: () => answer.type };
      return { status: answer.status, headers, text: async () => JSON.stringify(answer.body) };
    },
    retry: {
      times: 3,
      wait: async (millis, signal) => {
        signal?.throwIfAborted();
        waits.push(millis);
      },
      newKey: () => {
        keys += 1;
        return `key-number-${String(keys).padStart(6, '0')}`;
      },
    },
  });
  const keysSent = () => sent.map(({ headers }) => headers['idempotency-key']);
  return { client, sent, waits, keysSent };
}

const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'done',
    (error: unknown) => (error instanceof FobtwinError ? error.code : error),
  );

describe('client: retries', () => {
  it('repeats a verification under one key, waiting longer each time', async () => {
    const { client, waits, keysSent } = network('down', BUSY, 'down', OK);
    const reply = await client.call('verify', { body });
    expect(reply.accepted).to.equal(true);
    expect(waits).to.deep.equal([100, 200, 400]);
    expect(new Set(keysSent())).to.deep.equal(new Set(['key-number-000001']));
    expect(keysSent()).to.have.length(4);
  });

  it('draws another key for another attempt, and takes one that it is given', async () => {
    const { client, keysSent } = network(OK, OK, OK);
    await client.call('verify', { body });
    await client.call('verify', { body });
    await client.call('verify', { body, idempotencyKey: 'mine-mine-mine-mine' });
    expect(keysSent()).to.deep.equal([
      'key-number-000001',
      'key-number-000002',
      'mine-mine-mine-mine',
    ]);
  });

  it('gives up after so many times, with the last error', async () => {
    const { client, sent } = network();
    expect(await codeOf(client.call('verify', { body }))).to.equal('unavailable');
    expect(sent).to.have.length(4);
  });

  it('repeats reads, and never what would be done twice', async () => {
    const reading = network('down', { ...OK, body: { items: [], nextCursor: null } });
    await reading.client.call('listAccounts');
    expect(reading.sent).to.have.length(2);
    const writing = network('down', OK);
    const added = writing.client.call('addAccount', { body: { id: 'ada' } });
    expect(await codeOf(added)).to.equal('unavailable');
    expect(writing.sent).to.have.length(1);
    expect(writing.keysSent()).to.deep.equal([undefined]);
  });

  it('repeats nothing that was answered', async () => {
    for (const code of ['tooManyRequests', 'invalidInput', 'unauthenticated']) {
      const { client, sent } = network(problem(422, code), OK);
      expect(await codeOf(client.call('verify', { body }))).to.equal(code);
      expect(sent).to.have.length(1);
    }
  });

  it('stops when it is told to', async () => {
    const ending = new AbortController();
    const { client, sent } = network('down', 'down', OK);
    const call = client.call('verify', { body, signal: ending.signal });
    ending.abort(new Error('enough'));
    const error: unknown = await call.catch((caught: unknown) => caught);
    expect(error).to.have.property('message', 'enough');
    expect(sent.length).to.be.lessThan(3);
  });
});
