import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import type Koa from 'koa';
import { Edge } from '../../../server/http/edge.ts';
import { createSender } from '../../../server/http/reply.ts';

describe('the edge over Koa', () => {
  let server: Server;
  let app: Edge;
  let seen: Koa.Context;
  const errors: unknown[] = [];

  beforeEach(() => {
    app = new Edge();
    app.on('error', (error) => errors.push(error));
    errors.length = 0;
  });
  afterEach(() => server.close());

  async function served(middleware: Koa.Middleware): Promise<AddressInfo> {
    app.use((context, next) => {
      seen = context;
      return middleware(context, next);
    });
    const answer = app.callback();
    server = createServer((request, response) => void answer(request, response));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return server.address() as AddressInfo;
  }

  async function ask({ port }: AddressInfo) {
    const [reply] = (await once(get({ port, agent: false }), 'response')) as [IncomingMessage];
    let text = '';
    for await (const piece of reply) text += String(piece);
    return { status: reply.statusCode, headers: reply.headers, text };
  }

  it('sends JSON once, with the headers of every reply', async () => {
    const address = await served((context) => {
      createSender(['A', 'b']).json(context, { status: 201, value: { a: 'ä' } }, 'r1');
    });
    const { status, headers, text } = await ask(address);
    expect([status, text, headers['x-request-id']]).to.deep.equal([201, '{"a":"ä"}', 'r1']);
    expect(headers['a']).to.equal('b');
    expect(headers['content-length']).to.equal('10');
    expect(headers['content-type']).to.equal('application/json; charset=utf-8');
    expect(seen.respond).to.equal(false);
  });

  it('leaves to Koa what was not sent, its status with it', async () => {
    const address = await served((context) => {
      context.status = 202;
      context.body = 'later';
    });
    const { status, text } = await ask(address);
    expect([status, text]).to.deep.equal([202, 'later']);
  });

  it('answers 404 where nobody answers, and 500 where something is thrown', async () => {
    const address = await served((context) => {
      if (context.get('fail') === '') return;
      throw new Error('failed');
    });
    expect((await ask(address)).status).to.equal(404);
    const failing = get({ port: address.port, agent: false, headers: { fail: '1' } });
    const [reply] = (await once(failing, 'response')) as [IncomingMessage];
    reply.resume();
    expect(reply.statusCode).to.equal(500);
    expect(errors).to.have.length(1);
  });

  it('sends nothing to a caller that is gone, and takes it for no fault', async () => {
    let tellSent: () => void = () => undefined;
    const sent = new Promise<void>((resolve) => {
      tellSent = resolve;
    });
    const address = await served(async (context) => {
      request.destroy();
      await once(context.res, 'close');
      createSender([]).json(context, { status: 200, value: {} }, 'r1');
      tellSent();
    });
    const request = get({ port: address.port, agent: false });
    request.on('error', () => undefined);
    await sent;
    await new Promise((resolve) => setImmediate(resolve));
    expect(errors).to.deep.equal([]);
  });
});
