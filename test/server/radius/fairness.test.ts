import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect } from 'chai';
import type { AccessReply, AccessRequest } from '../../../server/radius/port.ts';
import { makeRequest, readReply } from '../../support/radius-packets.ts';
import {
  type ClientSocket,
  clientAt,
  type Listening,
  openClient,
  reply,
  SECRET,
  startListening,
} from './listening.ts';

const FLOODER = '127.0.0.66';
const FLOODER_SECRET = new TextEncoder().encode('secret of the flooder');
const HONEST = 300;
/** As clients do: again after a second, so many times in all. */
const RETRY_MILLIS = 1000;
const TRIES = 3;

/**
 * Sends what it is given from a thread of its own, until it is ended: 20,000 a second, where there
 * is a processor for it; several times what can be decided. (Of much more than that the kernel
 * itself drops some, whoever sent it.)
 */
const FLOOD = `
  const { createSocket } = require('node:dgram');
  const { parentPort, workerData } = require('node:worker_threads');
  const { packets, port, address } = workerData;
  const socket = createSocket('udp4');
  let sent = 0;
  socket.on('message', () => undefined);
  socket.bind(0, address, () => {
    const burst = () => {
      for (let n = 0; n < 20; n += 1) {
        const packet = packets[sent % packets.length];
        sent += 1;
        socket.send(packet, port, '127.0.0.1', () => undefined);
      }
      if (sent === 2000) parentPort.postMessage('flooding');
    };
    setInterval(burst, 1);
  });
`;

describe('radius: a flood from one client', () => {
  let listening: Listening;
  let honest: ClientSocket;
  let flood: Worker | undefined;
  let answer: (request: AccessRequest) => Promise<AccessReply>;
  /** What the flooder's requests come to, when all is over: the end waits for what is under way. */
  let undecided: Promise<AccessReply>;
  let decide: (reply: AccessReply) => void;

  beforeEach(async () => {
    undecided = new Promise((resolve) => {
      decide = resolve;
    });
    answer = async () => reply('accessAccept');
    listening = await startListening({
      clients: [
        clientAt('127.0.0.1', { name: 'honest' }),
        clientAt(FLOODER, { name: 'flooder', secret: FLOODER_SECRET }),
      ],
      options: { limits: { underWayPerClient: 16, underWay: 64 } },
      answer: (request) => answer(request),
    });
    honest = await openClient();
  });
  afterEach(async () => {
    await flood?.terminate();
    flood = undefined;
    decide(reply('accessReject'));
    honest.close();
    await listening.close();
  });

  async function startFlood(packets: readonly Uint8Array[]): Promise<void> {
    const workerData = { packets, port: listening.port, address: FLOODER };
    flood = new Worker(FLOOD, { eval: true, workerData });
    await once(flood, 'message');
  }

  /** Asks until it is answered; how many tries it took. */
  async function askPatiently(identifier: number): Promise<number> {
    const request = makeRequest({ secret: SECRET, identifier: identifier % 256 });
    const answered = honest.next();
    for (let tries = 1; tries <= TRIES; tries += 1) {
      await honest.send(request, listening.port);
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<undefined>((resolve) => {
        timer = setTimeout(resolve, RETRY_MILLIS, undefined);
      });
      const bytes = await Promise.race([answered, late]);
      clearTimeout(timer);
      if (bytes === undefined) continue;
      readReply(bytes, request, SECRET);
      return tries;
    }
    throw new Error(`no answer to request ${identifier}`);
  }

  const floods: readonly (readonly [string, () => Uint8Array[]])[] = [
    [
      'of garbage',
      () => [
        new Uint8Array(4),
        new Uint8Array(4096).fill(255),
        makeRequest({ secret: SECRET }),
        makeRequest({ secret: FLOODER_SECRET, signed: false }),
      ],
    ],
    [
      'of good requests that are never decided',
      () =>
        Array.from({ length: 2000 }, (_, n) =>
          makeRequest({ secret: FLOODER_SECRET, identifier: n % 256 }),
        ),
    ],
  ];
  for (const [what, packets] of floods) {
    it(`${what} leaves the other client all its answers, in time`, async function () {
      this.timeout(60_000);
      answer = ({ client }) =>
        client.name === 'flooder' ? undecided : Promise.resolve(reply('accessAccept'));
      await startFlood(packets());
      const began = performance.now();
      let again = 0;
      for (let n = 0; n < HONEST; n += 1) again += (await askPatiently(n)) - 1;
      const millis = performance.now() - began;
      await flood?.terminate();
      expect(listening.count('accessAccept')).to.equal(HONEST);
      const others = [...listening.counts.values()].reduce((sum, count) => sum + count, 0);
      expect(others).to.be.greaterThan(HONEST * 2);
      // A request now and then is lost where the kernel has no room; most come through at once.
      expect(again).to.be.below(HONEST / 10);
      expect(millis).to.be.below(30_000);
      expect(listening.server.underWay()).to.be.at.most(16);
    });
  }
});
