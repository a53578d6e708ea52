import net from 'node:net';
import { createOtp } from '../../shared/otp.ts';
import { nodeCrypto } from '../support/node-crypto.ts';
import { benchSeed, benchSerial } from './population.ts';

/**
 * A load generator in a process of its own: keep-alive connections with one request in flight each,
 * a fresh good code a request, every answer checked. Bounded in connections and time.
 */
export interface LoadOptions {
  readonly port: number;
  readonly apiKey: string;
  readonly connections: number;
  readonly tokens: number;
  /** The counter from which each token's codes start. */
  readonly firstCounter: number;
  readonly warmUpMillis: number;
  readonly millis: number;
  /** What a good answer contains. */
  readonly expected: string;
}

export interface LoadResult {
  readonly requestsPerSecond: number;
  readonly wrongAnswers: number;
  /** The next counter that no token has used. */
  readonly nextCounter: number;
}

const MILLIS_MAX = 60_000;

function run(options: LoadOptions): Promise<LoadResult> {
  const otp = createOtp(nodeCrypto);
  let sent = 0;
  let answered = 0;
  let wrongAnswers = 0;
  let measuring = false;
  let over = false;

  const nextRequest = (): string => {
    const token = sent % options.tokens;
    const counter = options.firstCounter + Math.floor(sent / options.tokens);
    sent += 1;
    const code = otp.code(benchSeed(token), counter, { algorithm: 'SHA1', digits: 6 });
    const body = `{"serial":"${benchSerial(token)}","code":"${code}"}`;
    return (
      'POST /v1/verify HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n' +
      `Authorization: Bearer ${options.apiKey}\r\nContent-Length: ${body.length}\r\n\r\n${body}`
    );
  };

  const connect = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const socket = net.connect(options.port, '127.0.0.1');
      let buffered = '';
      socket.setNoDelay(true);
      socket.on('connect', () => socket.write(nextRequest()));
      socket.on('error', reject);
      socket.on('close', () => resolve());
      socket.on('data', (chunk) => {
        buffered += chunk.toString('latin1');
        const answer = completeAnswer(buffered);
        if (answer === undefined) return;
        buffered = '';
        if (measuring) answered += 1;
        if (!answer.includes(options.expected)) wrongAnswers += 1;
        if (over) socket.end();
        else socket.write(nextRequest());
      });
    });

  const connections = Array.from({ length: options.connections }, connect);
  let startedAt = 0;
  setTimeout(() => {
    measuring = true;
    startedAt = performance.now();
  }, options.warmUpMillis);
  let seconds = 0;
  setTimeout(() => {
    measuring = false;
    over = true;
    seconds = (performance.now() - startedAt) / 1000;
  }, options.warmUpMillis + options.millis);
  return Promise.all(connections).then(() => ({
    requestsPerSecond: answered / seconds,
    wrongAnswers,
    nextCounter: options.firstCounter + Math.ceil(sent / options.tokens),
  }));
}

/** The whole answer once all of it is there; one request is in flight, so nothing follows. */
function completeAnswer(text: string): string | undefined {
  const headEnd = text.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  const length = /content-length: (\d+)/i.exec(text.slice(0, headEnd))?.[1];
  if (length === undefined) return text;
  return text.length >= headEnd + 4 + Number(length) ? text : undefined;
}

const options = JSON.parse(process.argv[2] ?? '{}') as LoadOptions;
if (!(options.warmUpMillis + options.millis <= MILLIS_MAX)) throw new Error('too long a run');
process.stdout.write(`${JSON.stringify(await run(options))}\n`);
