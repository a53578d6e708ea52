import { once } from 'node:events';
import { connect } from 'node:net';
import { expect } from 'chai';
import { type Served, serve } from './served.ts';

describe('http: an address in the request line that cannot be read', () => {
  let served: Served;
  before(async () => {
    served = await serve();
  });
  after(() => served.close());

  for (const target of ['http://[/v1/verify?pass=123456', 'http://a:99999999/?pass=123456']) {
    it(`is found nowhere, and not quoted: ${target}`, async () => {
      const socket = connect(Number(new URL(served.url).port), '127.0.0.1');
      await once(socket, 'connect');
      socket.write(`GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
      const chunks: Buffer[] = [];
      for await (const chunk of socket as AsyncIterable<Buffer>) chunks.push(chunk);
      const reply = Buffer.concat(chunks).toString();
      expect(reply).to.match(/^HTTP\/1\.1 404 /);
      expect(reply).not.to.contain('123456');
      expect(served.logged).to.deep.equal([]);
    });
  }
});
