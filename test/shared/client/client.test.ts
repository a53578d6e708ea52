import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { type Client, createClient } from '../../../shared/client/client.ts';
import { FobtwinError } from '../../../shared/errors.ts';

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

interface Seen {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

const json = (status: number, value: object, type = 'application/json'): Answer => ({
  status,
  type,
  text: JSON.stringify(value),
});
const problem = (status: number, value: object): Answer =>
  json(status, { type: 'urn:fobtwin:problem:x', title: 'T', status, ...value }, PROBLEM);
const PROBLEM = 'application/problem+json; charset=utf-8';
const ACCOUNT = {
  id: 'jennifer',
  roles: ['user'],
  directory: false,
  createdAt: '2026-01-01T00:00:00.000Z',
  serials: [],
};

describe('client', () => {
  let server: Server;
  let client: Client;
  let baseUrl: string;
  let answer: Answer;
  let seen: Seen[];

  beforeEach(async () => {
    seen = [];
    server = createServer((request, response) => {
      void text(request).then((body) => {
        const { method, url, headers } = request;
        seen.push({ method, url, headers, body });
        response.writeHead(answer.status, { 'content-type': answer.type }).end(answer.text);
      });
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    client = createClient({ baseUrl, fetch, apiKey: 'fobd_key' });
  });

  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const failure = async (promise: Promise<unknown>): Promise<FobtwinError> => {
    const error: unknown = await promise.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (error instanceof FobtwinError) return error;
    throw new Error(`not a FobtwinError: ${String(error)}`);
  };

  it('sends method, path, query, key and body, and gives back the reply', async () => {
    answer = json(200, { items: [], nextCursor: 'abc' });
    const page = await client.call('listAccounts', { query: { limit: 7, cursor: 'ä&b' } });
    expect(page).to.deep.equal({ items: [], nextCursor: 'abc' });

    answer = json(201, { account: ACCOUNT });
    const { account } = await client.call('addAccount', { body: { id: 'jennifer' } });
    expect(account).to.deep.equal(ACCOUNT);

    answer = json(200, { account: ACCOUNT });
    await client.call('getAccount', { params: { id: 'a/b?c d' } });

    expect(seen.map(({ method, url, body }) => [method, url, body])).to.deep.equal([
      ['GET', '/v1/accounts?limit=7&cursor=%C3%A4%26b', ''],
      ['POST', '/v1/accounts', '{"id":"jennifer"}'],
      ['GET', '/v1/accounts/a%2Fb%3Fc%20d', ''],
    ]);
    expect(seen.map(({ headers }) => headers.authorization)).to.deep.equal(
      Array(3).fill('Bearer fobd_key'),
    );
    expect(seen[1]?.headers['content-type']).to.equal('application/json');
    expect(seen[0]?.headers).not.to.have.property('content-type');
  });

  it('leaves out query values that are undefined', async () => {
    answer = json(200, { items: [], nextCursor: null });
    await client.call('listTokens', { query: { state: undefined, hold: 'lost' } });
    expect(seen[0]?.url).to.equal('/v1/tokens?hold=lost');
  });

  it('sends an empty object where a body is optional and none was given', async () => {
    answer = problem(404, { code: 'notFound' });
    await failure(client.call('unlockToken', { params: { serial: 'X' } }));
    expect(seen[0]?.body).to.equal('{}');
  });

  it('sends no key when it has none', async () => {
    answer = json(200, { status: 'ok' });
    await createClient({ baseUrl, fetch }).call('healthz');
    expect(seen[0]?.headers).not.to.have.property('authorization');
  });

  for (const [name, stream] of [
    ['a web stream', () => new Blob(['a,b\n', 'c,d\n']).stream()],
    ['a blob', () => new Blob(['a,b\nc,d\n'])],
    ['bytes', () => new TextEncoder().encode('a,b\nc,d\n')],
    ['text', () => 'a,b\nc,d\n'],
  ] as const) {
    it(`uploads ${name} with its content type`, async () => {
      answer = json(200, { imported: 0, skipped: 0, refused: 0, rows: [] });
      const options = { contentType: 'text/csv', query: { dryRun: 'true' } } as const;
      await client.call('importSeedFile', { ...options, stream: stream() });
      const [request] = seen;
      expect(request?.url).to.equal('/v1/seed-files?dryRun=true');
      expect(request?.headers['content-type']).to.equal('text/csv');
      expect(request?.body).to.equal('a,b\nc,d\n');
    });
  }

  it('throws what a problem says: code, text, next step, field errors', async () => {
    const errors = [{ field: '/code', code: 'notDigits' }];
    const nextStep = 'Enter the six digits.';
    answer = problem(422, { code: 'invalidInput', detail: 'Not valid.', nextStep, errors });
    const error = await failure(client.call('verify', { body: { serial: 'X', code: 'y' } }));
    expect(error.code).to.equal('invalidInput');
    expect(error.message).to.equal('Not valid.');
    expect(error.nextStep).to.equal(nextStep);
    expect(error.errors).to.deep.equal(errors);
  });

  it('takes the title where a problem has no detail', async () => {
    answer = problem(404, { code: 'notFound' });
    expect((await failure(client.call('healthz'))).message).to.equal('T');
  });

  it('reads a code that it does not know as internal', async () => {
    answer = problem(418, { code: 'teapot', errors: [{ field: '/a', code: 'lukewarm' }] });
    const error = await failure(client.call('healthz'));
    expect(error.code).to.equal('internal');
    expect(error.errors).to.deep.equal([{ field: '/a', code: 'unsupported' }]);
  });

  const strange: readonly (readonly [string, Answer, string])[] = [
    ['a page of a proxy', { status: 502, type: 'text/html', text: '<h1>' }, 'internal'],
    ['a problem that is not typed as one', json(404, { code: 'notFound' }), 'internal'],
    ['a truncated problem', { status: 404, type: PROBLEM, text: '{"code":"notF' }, 'internal'],
    ['another status than the operation has', json(204, {}), 'internal'],
    ['a reply that is not JSON', { status: 200, type: 'application/json', text: '{' }, 'internal'],
    ['a reply of another form', json(200, { status: 'fine' }), 'internal'],
    ['503 with a health report', json(503, { status: 'stopping' }), 'unavailable'],
  ];
  for (const [name, given, code] of strange) {
    it(`reads ${name} as ${code}`, async () => {
      answer = given;
      const error = await failure(client.call('readyz'));
      expect(error.code).to.equal(code);
      expect(error.nextStep).to.be.a('string');
    });
  }

  it('reads a server that nobody hears as unavailable', async () => {
    await new Promise((resolve) => server.close(resolve));
    const error = await failure(client.call('healthz'));
    expect(error.code).to.equal('unavailable');
    expect(error.message).to.contain(baseUrl);
  });

  it('gives up when its signal says so, with the reason of the signal', async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => {
      silent.listen(0, '127.0.0.1', resolve);
    });
    const { port } = silent.address() as AddressInfo;
    const abort = new AbortController();
    silent.on('request', () => abort.abort(new Error('enough')));
    const calling = createClient({ baseUrl: `http://127.0.0.1:${port}`, fetch });
    const reason: unknown = await calling
      .call('healthz', { signal: abort.signal })
      .catch((error: unknown) => error);
    expect(reason).to.be.an('error').with.property('message', 'enough');
    silent.closeAllConnections();
    await new Promise((resolve) => silent.close(resolve));
  });

  it("gives a stream up with its signal's reason, and says else that it broke off", async () => {
    const abort = new AbortController();
    async function* cutOff() {
      yield new Uint8Array(1);
      throw new Error('cut off');
    }
    const reply = { status: 200, headers: new Headers(), text: () => Promise.resolve('') };
    const streaming = createClient({
      baseUrl: 'http://localhost',
      fetch: () => Promise.resolve({ ...reply, body: cutOff() }),
    });
    const reading = async () => {
      const pieces = await streaming.stream('metrics', { signal: abort.signal });
      for await (const _ of pieces);
    };
    const failure = () => reading().catch((error: unknown) => error);
    expect(await failure()).to.have.property('code', 'unavailable');
    abort.abort(new Error('enough'));
    expect(await failure()).to.have.property('message', 'enough');
  });
});
