import { createSocket, type Socket } from 'node:dgram';
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
  const { tokens, firstCounter, warmUpMillis, millis } = options;
  const load = new Load(options, await openSocket());
  load.begin();
  await after(warmUpMillis);
  const [accepts, began, used] = [load.accepts, performance.now(), process.cpuUsage()];
  await after(millis);
  const counted = load.accepts - accepts;
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(used);
  await load.end();
  return {
    accepts: load.accepts,
    acceptsPerSecond: counted / seconds,
    wrongAnswers: load.wrongAnswers,
    sentAgain: load.sentAgain,
    nextCounter: firstCounter + Math.ceil(load.sent / tokens),
    busy: (user + system) / 1e6 / seconds,
  };
}

async function openSocket(): Promise<Socket> {
  const socket = createSocket({
    type: 'udp4',
    recvBufferSize: 1024 * 1024,
    lookup: (address, _options, found) => found(null, address, 4),
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return socket;
}

/** Each slot asks again as soon as it is answered, and sends the same again when it is not. */
class Load {
  sent = 0;
  accepts = 0;
  wrongAnswers = 0;
  sentAgain = 0;
  readonly #options: RadiusLoadOptions;
  readonly #socket: Socket;
  readonly #next: NextRequest;
  readonly #secret: Uint8Array;
  readonly #slots: readonly Slot[];
  #answered = 0;
  #isOver = false;
  #retrying: NodeJS.Timeout | undefined;

  constructor(options: RadiusLoadOptions, socket: Socket) {
    this.#options = options;
    this.#socket = socket;
    this.#next = requestsOf(options);
    this.#secret = new TextEncoder().encode(options.secret);
    this.#slots = Array.from({ length: options.inFlight }, (_, number) => ({
      number,
      turn: 0,
      request: new Uint8Array(),
      sentAt: 0,
      step: 0,
    }));
  }

  begin(): void {
    this.#socket.on('message', (reply) => this.#take(reply));
    this.#retrying = setInterval(() => this.#askAgain(), RETRY_MILLIS / 4);
    for (const slot of this.#slots) this.#ask(slot);
  }

  /** Those in flight come to their end before the next spell begins. */
  async end(): Promise<void> {
    this.#isOver = true;
    await after(RETRY_MILLIS / 4);
    clearInterval(this.#retrying);
    this.#socket.close();
  }

  #ask(slot: Slot): void {
    const { inFlight, port } = this.#options;
    slot.turn += 1;
    slot.step = stepNow();
    slot.request = this.#next(slot.number + (slot.turn % 2) * inFlight, this.sent);
    slot.sentAt = performance.now();
    this.sent += 1;
    this.#socket.send(slot.request, port, '127.0.0.1');
  }

  #take(reply: Uint8Array): void {
    const { inFlight, codes } = this.#options;
    const slot = this.#slots[(reply[1] ?? 0) % inFlight];
    if (slot === undefined || slot.request[1] !== reply[1]) return;
    this.#answered += 1;
    if (reply[0] === ACCESS_ACCEPT) this.accepts += 1;
    // A code whose time step ended on its way, or has just begun, is rightly refused: FreeRADIUS
    // goes by the moment at which it last looked at the clock.
    else if (codes === 'fresh' || isWellWithin(slot.step)) this.wrongAnswers += 1;
    // FreeRADIUS 3.2.1 signs no reply to Access-Request with Message-Authenticator.
    if (codes === 'fresh' && this.#answered % VERIFY_EVERY === 0) {
      readReply(reply, slot.request, this.#secret);
    }
    if (!this.#isOver) this.#ask(slot);
  }

  #askAgain(): void {
    const before = performance.now() - RETRY_MILLIS;
    for (const slot of this.#slots.filter(({ sentAt }) => sentAt < before)) {
      this.sentAgain += 1;
      this.#socket.send(slot.request, this.#options.port, '127.0.0.1');
    }
  }
}

const stepNow = (): number => Math.floor(Date.now() / STEP_MILLIS);
const STEP_BEGINS_MILLIS = 1000;
const isWellWithin = (step: number): boolean =>
  stepNow() === step && Date.now() % STEP_MILLIS > STEP_BEGINS_MILLIS;
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
