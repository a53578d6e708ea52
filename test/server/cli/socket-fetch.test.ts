import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { createSocketFetch, type SocketFetch } from '../../../server/cli/socket-fetch.ts';
import { temporaryDirectory } from '../../support/fob-env.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

describe('fetch over a local socket', () => {
  const directory = temporaryDirectory();
  const socketPath = path.join(directory.path, 'socket');
  let answer: Answer;
  let connections: number;
  let server: Server;
  let socket: SocketFetch;

  beforeEach((done) => {
    connections = 0;
    server = createServer((request, response) => answer(request, response));
    server.on('connection', () => {
      connections += 1;
    });
    server.listen(socketPath, done);
    socket = createSocketFetch(socketPath);
  });
  afterEach((done) => {
    socket.close();
    server.close(done);
    server.closeAllConnections();
  });
  after(() => directory.remove());

  const ask = (method: string, body?: Parameters<SocketFetch['fetch']>[1]['body']) =>
    socket.fetch('http://localhost/v1/things?limit=2', {
      method,
      headers: { accept: 'application/json' },
      ...(body === undefined ? {} : { body }),
    });
  const rejection = (promise: Promise<unknown>): Promise<Error> =>
    promise.then(
      () => expect.fail('it resolved'),
      (error: Error) => error,
    );

  it('asks one after the other on one connection', async () => {
    answer = (request, response) => {
      const { method, url, headers } = request;
      response.writeHead(201, { 'Content-Type': 'text/plain' });
      void text(request).then((body) => {
        response.end([method, url, headers.accept, body].join(' '));
      });
    };
    const read = await ask('GET');
    expect(await read.text()).to.equal('GET /v1/things?limit=2 application/json ');
    const written = await ask('POST', '{"ä":1}');
    expect(written.status).to.equal(201);
    expect(written.headers.get('Content-Type')).to.equal('text/plain');
    expect(written.headers.get('retry-after')).to.equal(null);
    expect(await written.text()).to.equal('POST /v1/things?limit=2 application/json {"ä":1}');
    expect(connections).to.equal(1);
  });

  it('sends streams and blobs as they come, and hands the answer on as it arrives', async () => {
    answer = (request, response) => void request.pipe(response);
    const pieces = ['one ', 'two ', 'three'].map((piece) => Buffer.from(piece));
    const { body } = await ask('POST', ReadableStream.from(pieces) as ReadableStream<Uint8Array>);
    const arrived: string[] = [];
    for await (const piece of body ?? []) arrived.push(Buffer.from(piece).toString());
    expect(arrived.join('')).to.equal('one two three');
    expect(await (await ask('POST', new Blob(['a blob']))).text()).to.equal('a blob');
  });

  it('takes an answer that comes before all is sent', async () => {
    answer = (request, response) => {
      request.once('data', () => {
        request.pause();
        response.writeHead(413).end('too much');
      });
    };
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(64 * 1024)),
    });
    const reply = await ask('POST', endless);
    expect(reply.status).to.equal(413);
    expect(await reply.text()).to.equal('too much');
  });

  it('fails with what its source fails with', async () => {
    answer = (request) => void request.resume();
    const broken = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new Uint8Array(10)),
      pull: () => {
        throw new Error('the disk is gone');
      },
    });
    expect((await rejection(ask('POST', broken))).message).to.equal('the disk is gone');
  });

  it('fails where nobody listens, and where the answer breaks off', async () => {
    answer = (_, response) => {
      response.writeHead(200, { 'Content-Length': 10 });
      response.write('half', () => response.destroy());
    };
    const reply = await ask('GET');
    expect(await rejection(reply.text())).to.have.property('code', 'ECONNRESET');
    const nobody = createSocketFetch(path.join(directory.path, 'nobody'));
    const asked = nobody.fetch('http://localhost/', { method: 'GET', headers: {} });
    expect(await rejection(asked)).to.have.property('code', 'ENOENT');
  });

  it('fails, and ends no process, where what answers stops speaking HTTP', async () => {
    answer = (_, { socket }) => {
      socket?.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\nzz\r\n');
    };
    const reply = await ask('GET');
    expect(await rejection(reply.text())).to.have.property('code', 'ECONNRESET');
  });

  it('cuts off what is under way when it is closed', async () => {
    answer = () => socket.close();
    expect(await rejection(ask('GET'))).to.have.property('code', 'ECONNRESET');
  });

  it('is given up when its signal says so', async () => {
    const giveUp = new AbortController();
    answer = () => giveUp.abort();
    const { signal } = giveUp;
    const asked = socket.fetch('http://localhost/', { method: 'GET', headers: {}, signal });
    expect(await rejection(asked)).to.have.property('name', 'AbortError');
  });
});
