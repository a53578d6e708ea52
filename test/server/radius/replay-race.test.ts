import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from 'chai';
import { Agent, request } from 'undici';
import { makeRequest, readReply } from '../../support/radius-packets.ts';
import { type ClientSocket, openClient } from './listening.ts';
import { type RadiusServed, SECRET, serveRadius, USER } from './serving.ts';

/** A third each, and one more over HTTP. */
const REQUESTS = 100;
const THIRD = Math.floor(REQUESTS / 3);
const ROUNDS = 50;
const ACCESS_ACCEPT = 2;
const secret = new TextEncoder().encode(SECRET);

describe('a hundred requests with one code, over HTTP, RADIUS and the drop-in API', () => {
  let served: RadiusServed;
  let sockets: readonly ClientSocket[];
  const agent = new Agent({ connections: REQUESTS, pipelining: 1 });

  before(async () => {
    const client = { mode: 'code', codeAlone: true, wrongCodesPerMinute: 1_000_000 };
    served = await serveRadius([{ name: 'vpn', ...client }], {
      compat: { addresses: ['127.0.0.1'], mode: 'challenge' },
    });
    sockets = await Promise.all(Array.from({ length: THIRD }, () => openClient()));
  });
  after(async () => {
    for (const socket of sockets) socket.close();
    await agent.destroy();
    await served.stop();
  });

  it('has exactly one accepted, round after round', async function () {
    this.timeout(120_000);
    const token = await serviceToken(served, agent);
    const winners = new Set<number>();
    for (let round = 0; round < ROUNDS; round += 1) {
      const challenges = await Promise.all(
        Array.from({ length: THIRD }, () => challenged(token, served, agent)),
      );
      const code = served.press();
      const ways = [
        () => byHttp(code, served, agent),
        (turn: number) => byRadius(code, served, sockets[turn]),
        (turn: number) => byCompat(code, challenges[turn], served, agent),
      ];
      // Each kind has its rounds in which it begins, by one turn of the event loop.
      const kinds = [0, 1, 2].map((place) => (place + round) % 3);
      const begun: (Promise<boolean> | undefined)[] = [];
      for (const kind of kinds) {
        for (let turn = 0; turn < THIRD; turn += 1) begun.push(ways[kind]?.(turn));
        await nextTurn();
      }
      // What is left of a hundred goes over HTTP.
      const accepted = await Promise.all([...begun, byHttp(code, served, agent)]);
      winners.add(kinds[Math.floor(accepted.indexOf(true) / THIRD)] ?? 0);
      expect(accepted, `round ${round}`).to.have.length(REQUESTS);
      expect(accepted.filter(Boolean), `round ${round}`).to.have.length(1);
    }
    expect(winners.size, 'nobody is always first').to.be.greaterThan(1);
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

/** A service account asks for it, since a hundred passwords at once are not looked at. */
async function challenged(
  authorization: string,
  served: RadiusServed,
  dispatcher: Agent,
): Promise<string> {
  const asked = { user: USER };
  const { detail } = await post('/validate/triggerchallenge', asked, {
    ...{ served, dispatcher },
    headers: { authorization },
  });
  const { transaction_id: id } = detail as { readonly transaction_id?: string };
  if (id === undefined) throw new Error('no challenge');
  return id;
}

async function serviceToken(served: RadiusServed, dispatcher: Agent): Promise<string> {
  const asked = { username: 'administrator', password: served.apiKey };
  const { result } = await post('/auth', asked, { served, dispatcher });
  return (result.value as { readonly token: string }).token;
}

async function byCompat(
  code: string,
  challenge: string | undefined,
  served: RadiusServed,
  dispatcher: Agent,
): Promise<boolean> {
  const asked = { user: USER, pass: code, transaction_id: challenge };
  const { result } = await post('/validate/check', asked, { served, dispatcher });
  return result.value === true;
}

interface CompatReply {
  readonly result: { readonly value: unknown };
  readonly detail: unknown;
}

async function post(
  path: string,
  asked: object,
  to: {
    readonly served: RadiusServed;
    readonly dispatcher: Agent;
    readonly headers?: Readonly<Record<string, string>>;
  },
): Promise<CompatReply> {
  const { body } = await request(`${to.served.address}${path}`, {
    method: 'POST',
    dispatcher: to.dispatcher,
    headers: { 'content-type': 'application/json', ...to.headers },
    body: JSON.stringify(asked),
  });
  return (await body.json()) as CompatReply;
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
