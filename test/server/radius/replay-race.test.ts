import { expect } from 'chai';
import { Agent, request } from 'undici';
import { makeRequest, readReply } from '../../support/radius-packets.ts';
import { type ClientSocket, openClient } from './listening.ts';
import { type RadiusServed, SECRET, serveRadius, USER } from './serving.ts';

const REQUESTS = 100;
const ROUNDS = 50;
const ACCESS_ACCEPT = 2;
const secret = new TextEncoder().encode(SECRET);

describe('a hundred requests with one code, over HTTP and RADIUS', () => {
  let served: RadiusServed;
  let sockets: readonly ClientSocket[];
  const agent = new Agent({ connections: REQUESTS / 2, pipelining: 1 });

  before(async () => {
    const client = { mode: 'code', codeAlone: true, wrongCodesPerMinute: 1_000_000 };
    served = await serveRadius([{ name: 'vpn', ...client }]);
    sockets = await Promise.all(Array.from({ length: REQUESTS / 2 }, () => openClient()));
  });
  after(async () => {
    for (const socket of sockets) socket.close();
    await agent.destroy();
    await served.stop();
  });

  it('has exactly one accepted, round after round', async function () {
    this.timeout(120_000);
    for (let round = 0; round < ROUNDS; round += 1) {
      const code = served.press();
      const accepted = await Promise.all(
        Array.from({ length: REQUESTS / 2 }, (_, index) => [
          byHttp(code, served, agent),
          byRadius(code, served, sockets[index]),
        ]).flat(),
      );
      expect(accepted, `round ${round}`).to.have.length(REQUESTS);
      expect(accepted.filter(Boolean), `round ${round}`).to.have.length(1);
    }
  });
});

async function byHttp(code: string, served: RadiusServed, dispatcher: Agent): Promise<boolean> {
  const { body } = await request(`${served.address}/v1/verify`, {
    method: 'POST',
    dispatcher,
    headers: { authorization: `Bearer ${served.apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ account: USER, code }),
  });
  const { accepted } = (await body.json()) as { accepted: boolean };
  return accepted;
}

async function byRadius(
  password: string,
  { port }: RadiusServed,
  socket: ClientSocket | undefined,
): Promise<boolean> {
  if (socket === undefined) throw new Error('no socket');
  const sent = makeRequest({ secret, userName: USER, password });
  await socket.send(sent, port);
  return readReply(await socket.next(), sent, secret).code === ACCESS_ACCEPT;
}
