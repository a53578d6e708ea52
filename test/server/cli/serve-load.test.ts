import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import path from 'node:path';
import { expect } from 'chai';
import { STOP_MILLIS_MAX } from '../../../server/main.ts';
import { everyAccount } from '../../support/every-account.ts';
import { fobd } from '../../support/fobd-in-process.ts';
import {
  type InitResult,
  type ServingFobd,
  startFobd,
  temporaryDirectory,
} from '../../support/fobd-process.ts';

/** One connection that asks, waits for the answer, and asks again until it is told to go. */
class Caller {
  readonly acknowledged: string[] = [];
  /** How the connection ended: cleanly after an answer, or while one was due. */
  readonly ended: Promise<'between' | 'unanswered'>;
  readonly #socket: Socket;
  readonly #name: number;
  readonly #apiKey: string;
  #asked = 0;
  #answered = 0;
  #text = '';

  constructor(port: number, apiKey: string, name: number, onAnswer: () => void) {
    this.#name = name;
    this.#apiKey = apiKey;
    this.#socket = connect(port, '127.0.0.1').setEncoding('latin1');
    this.ended = new Promise((resolve, reject) => {
      this.#socket.on('error', reject);
      this.#socket.on('close', () => {
        resolve(this.#asked === this.#answered ? 'between' : 'unanswered');
      });
    });
    this.#socket.on('connect', () => this.#ask());
    this.#socket.on('data', (piece: string) => {
      this.#text += piece;
      const answer = /^HTTP\/1\.1 (\d+).*?\r\n\r\n\{.*\}$/s.exec(this.#text);
      if (answer === null) return;
      this.#take(answer[0], answer[1] ?? '');
      onAnswer();
    });
  }

  #take(answer: string, status: string): void {
    this.#text = '';
    this.#answered += 1;
    if (status === '201') this.acknowledged.push(this.#id());
    if (/\r\nConnection: close\r\n/i.test(answer)) this.#socket.end();
    else this.#ask();
  }

  #id = (): string => `person-${this.#name}-${this.#asked}`;

  #ask(): void {
    this.#asked += 1;
    this.#socket.write(requestToAdd(this.#apiKey, this.#id()));
  }
}

/** Adds an account over a connection that is there already; resolves with the answer's status. */
async function addOver(socket: Socket, apiKey: string, id: string): Promise<string> {
  const answered = once(socket, 'data');
  socket.write(requestToAdd(apiKey, id));
  const [piece] = await answered;
  return /^HTTP\/1\.1 (\d+)/.exec(String(piece))?.[1] ?? String(piece);
}

function requestToAdd(apiKey: string, id: string): string {
  const body = JSON.stringify({ id });
  return [
    'POST /v1/accounts HTTP/1.1',
    'Host: fobd',
    `Authorization: Bearer ${apiKey}`,
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
    '',
    body,
  ].join('\r\n');
}

describe('fobd serve, under load', () => {
  let remove: () => Promise<void>;
  let data: string;
  let apiKey: string;
  let running: ServingFobd | undefined;

  beforeEach(async () => {
    const directory = await temporaryDirectory();
    ({ remove } = directory);
    data = path.join(directory.place, 'data');
    const { stdout } = await fobd(['init', '--data', data, '--json']);
    ({ apiKey } = (JSON.parse(stdout) as InitResult).administrator);
  });
  afterEach(async () => {
    running?.signal('SIGKILL');
    await running?.ended;
    running = undefined;
    await remove();
  });

  it('stops with every request answered, every connection ended, nothing lost', async () => {
    running = await startFobd(data, ['--log-level', 'silent']);
    const port = Number(new URL(running.address).port);
    let answers = 0;
    let enough: () => void = () => undefined;
    const reached = new Promise<void>((resolve) => {
      enough = resolve;
    });
    const onAnswer = (): void => {
      answers += 1;
      if (answers === 500) enough();
    };
    const callers = Array.from(
      { length: 64 },
      (_, name) => new Caller(port, apiKey, name, onAnswer),
    );
    // Some only hold a connection: they must not keep the stop waiting.
    const silent = Array.from({ length: 8 }, () => connect(port, '127.0.0.1').resume());
    const silentEnded = Promise.all(silent.map((socket) => once(socket, 'close')));
    await reached;
    const asked = performance.now();
    running.signal('SIGTERM');
    const ends = await Promise.all(callers.map(({ ended }) => ended));
    expect(ends.filter((end) => end !== 'between')).to.deep.equal([]);
    await silentEnded;
    expect(await running.ended).to.equal(0);
    // Nobody was cut off by the deadline.
    expect(performance.now() - asked).to.be.lessThan(STOP_MILLIS_MAX - 2000);
    const acknowledged = callers.flatMap((caller) => caller.acknowledged);
    const listed = await everyAccount(data);
    expect(acknowledged.length).to.be.at.least(500);
    expect(acknowledged.filter((id) => !listed.has(id))).to.deep.equal([]);
    expect(listed.size).to.equal(acknowledged.length);
  });

  it('turns connections away for want of descriptors, and answers none with 500', async () => {
    running = await startFobd(data, [], { prelude: 'ulimit -n 192' });
    const port = Number(new URL(running.address).port);
    const listening = JSON.parse(running.log().split('\n')[0] ?? '') as { connectionsMax: number };
    expect(listening.connectionsMax).to.be.within(4, 144);
    const client = running.client(apiKey);
    const added = async (id: string): Promise<void> => {
      expect((await client.call('addAccount', { body: { id } })).account.id).to.equal(id);
    };
    await added('before');
    const crowd = Array.from({ length: 300 }, () => connect(port, '127.0.0.1').resume());
    let turnedAway = 0;
    const most = new Promise<void>((resolve) => {
      for (const socket of crowd) {
        socket.on('error', () => undefined);
        socket.on('close', () => {
          turnedAway += 1;
          if (turnedAway === 300 - listening.connectionsMax) resolve();
        });
      }
    });
    await most;
    // Whoever was let in is answered, and not with 500.
    const letIn = crowd.filter((socket) => !socket.closed && !socket.destroyed);
    expect(letIn.length).to.be.within(1, listening.connectionsMax);
    const answers = await Promise.all(letIn.map((socket, n) => addOver(socket, apiKey, `in-${n}`)));
    expect([...new Set(answers)]).to.deep.equal(['201']);
    // The owner's commands reach it, and it still makes things durable.
    const owner = await fobd(['account', 'add', 'meanwhile', '--data', data]);
    expect(owner.code, owner.stderr).to.equal(0);
    expect((await fobd(['audit', 'verify', '--data', data])).code).to.equal(0);
    const { stdout } = await fobd(['metrics', '--data', data]);
    const refused = Number(/^fobd_connections_refused_total (\d+)$/m.exec(stdout)?.[1]);
    expect(refused).to.be.at.least(300 - listening.connectionsMax);
    for (const socket of crowd) socket.destroy();
    for (let number = 0; ; number += 1) {
      // The first may come before fobd has seen the crowd leave.
      const failure = await added(`after-${number}`).then(
        () => undefined,
        (error: unknown) => error,
      );
      if (failure === undefined) break;
      expect(failure).to.have.property('code', 'unavailable');
    }
    running.signal('SIGTERM');
    expect(await running.ended).to.equal(0);
    expect(running.log()).not.to.contain('"level":50');
  });
});
