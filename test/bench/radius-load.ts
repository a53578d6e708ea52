import { createSocket } from 'node:dgram';
import { createOtp } from '../../shared/otp.ts';
import { nodeCrypto } from '../support/node-crypto.ts';
import { makeRequest, readReply } from '../support/radius-packets.ts';
import { benchSeed } from './population.ts';

/**
 * A RADIUS load generator in a process of its own: one socket, so many requests in flight, each
 * signed; every reply has to be an Access-Accept, and some are verified in full. Bounded in time.
 */
export interface RadiusLoadOptions {
  readonly port: number;
  readonly secret: string;
  /** At most 128: each has two identifiers, used in turn. */
  readonly inFlight: number;
  /**
   * `fresh`: the next code of the next of so many event tokens, for accounts bench-0 and on.
   * `current`: the code of the present time step of the first token, again and again.
   */
  readonly codes: 'fresh' | 'current';
  readonly tokens: number;
  /** The counter from which each token's codes start. */
  readonly firstCounter: number;
  readonly warmUpMillis: number;
  readonly millis: number;
}

export interface RadiusLoadResult {
  /** From the first to the last reply. */
  readonly accepts: number;
  /** While it was measured. */
  readonly acceptsPerSecond: number;
  readonly wrongAnswers: number;
  /** Requests that were sent again, unanswered for a second. */
  readonly sentAgain: number;
  /** The next counter that no token has used. */
  readonly nextCounter: number;
  /** What of its core the generator took: near 1, it is what was measured. */
  readonly busy: number;
}

const MILLIS_MAX = 60_000;
const STEP_MILLIS = 30_000;
const RETRY_MILLIS = 1000;
/** One reply of so many is verified as a client verifies it. */
const VERIFY_EVERY = 64;
const ACCESS_ACCEPT = 2;
const PARAMETERS = { algorithm: 'SHA1', digits: 6 } as const;

interface Slot {
  readonly number: number;
  turn: number;
  request: Uint8Array;
  sentAt: number;
  /** The time step in which it was made. */
  step: number;
}

async function run(options: RadiusLoadOptions): Promise<RadiusLoadResult> {
  const { port, inFlight, tokens, firstCounter, warmUpMillis, millis } = options;
  const socket = createSocket({
    type: 'udp4',
    recvBufferSize: 1024 * 1024,
    lookup: (address, _options, found) => found(null, address, 4),
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const next = requestsOf(options);
  const slots: Slot[] = Array.from({ length: inFlight }, (_, number) => ({
    number,
    turn: 0,
    request: new Uint8Array(),
    sentAt: 0,
    step: 0,
  }));
  const secret = new TextEncoder().encode(options.secret);
  let [sent, answered, accepts, counted, wrongAnswers, sentAgain] = [0, 0, 0, 0, 0, 0];
  let isMeasuring = false;
  let isOver = false;

  function ask(slot: Slot): void {
    slot.turn += 1;
    slot.step = stepNow();
    slot.request = next(slot.number + (slot.turn % 2) * inFlight, sent);
    slot.sentAt = performance.now();
    sent += 1;
    socket.send(slot.request, port, '127.0.0.1');
  }

  socket.on('message', (reply) => {
    const slot = slots[(reply[1] ?? 0) % inFlight];
    if (slot === undefined || slot.request[1] !== reply[1]) return;
    answered += 1;
    if (reply[0] === ACCESS_ACCEPT) {
      accepts += 1;
      counted += isMeasuring ? 1 : 0;
    }
    // A code whose time step ended on its way is rightly refused.
    else if (options.codes === 'fresh' || stepNow() === slot.step) wrongAnswers += 1;
    // FreeRADIUS 3.2.1 signs no reply to Access-Request with Message-Authenticator.
    if (options.codes === 'fresh' && answered % VERIFY_EVERY === 0) {
      readReply(reply, slot.request, secret);
    }
    if (!isOver) ask(slot);
  });
  const retrying = setInterval(() => {
    const before = performance.now() - RETRY_MILLIS;
    for (const slot of slots.filter(({ sentAt }) => sentAt < before)) {
      sentAgain += 1;
      socket.send(slot.request, port, '127.0.0.1');
    }
  }, RETRY_MILLIS / 4);
  for (const slot of slots) ask(slot);
  await after(warmUpMillis);
  isMeasuring = true;
  const began = performance.now();
  const used = process.cpuUsage();
  await after(millis);
  isMeasuring = false;
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(used);
  isOver = true;
  // Those in flight come to their end before the next spell begins.
  await after(RETRY_MILLIS / 4);
  clearInterval(retrying);
  socket.close();
  return {
    accepts,
    acceptsPerSecond: counted / seconds,
    wrongAnswers,
    sentAgain,
    nextCounter: firstCounter + Math.ceil(sent / tokens),
    busy: (user + system) / 1e6 / seconds,
  };
}

const stepNow = (): number => Math.floor(Date.now() / STEP_MILLIS);
const after = (millis: number) => new Promise<void>((resolve) => setTimeout(resolve, millis));

type NextRequest = (identifier: number, sent: number) => Uint8Array;

function requestsOf(options: RadiusLoadOptions): NextRequest {
  const secret = new TextEncoder().encode(options.secret);
  const otp = createOtp(nodeCrypto);
  if (options.codes === 'fresh') {
    return (identifier, sent) => {
      const token = sent % options.tokens;
      const counter = options.firstCounter + Math.floor(sent / options.tokens);
      const password = otp.code(benchSeed(token), counter, PARAMETERS);
      return makeRequest({ secret, identifier, userName: `bench-${token}`, password });
    };
  }
  // Made beforehand: what it takes to make one would be what is measured.
  const made = new Map<string, Uint8Array>();
  return (identifier, sent) => {
    const step = stepNow();
    const name = `${step} ${identifier} ${sent % VARIANTS}`;
    const known = made.get(name);
    if (known !== undefined) return known;
    const password = otp.code(benchSeed(0), step, PARAMETERS);
    const request = makeRequest({ secret, identifier, userName: 'bench-0', password });
    made.set(name, request);
    return request;
  };
}

const VARIANTS = 8;

const options = JSON.parse(process.argv[2] ?? '{}') as RadiusLoadOptions;
if (!(options.warmUpMillis + options.millis <= MILLIS_MAX)) throw new Error('too long a run');
if (!(options.inFlight <= 128)) throw new Error('more in flight than there are identifiers');
process.stdout.write(`${JSON.stringify(await run(options))}\n`);
