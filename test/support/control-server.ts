import { once } from 'node:events';
import { WebSocket } from 'ws';
import { createMemoryHolder, type Holder } from '../../emulator/control/holder.ts';
import {
  type ControlServer,
  type ControlServerOptions,
  startControlServer,
} from '../../emulator/control/server.ts';
import type { Answer, Notice, TokenView } from '../../emulator/control/wire.ts';
import type { KeptDevice } from '../../emulator/drawer/device-file.ts';
import { createOtp } from '../../shared/otp.ts';
import type { UnixMillis } from '../../shared/types.ts';
import { TEST_NOW } from './fob-env.ts';
import { nodeCrypto } from './node-crypto.ts';

export const TEST_ACCESS = 'test-access-token-0123456789';

export interface TestControl extends ControlServer {
  readonly holder: Holder;
  /** Moves the computer's clock. */
  set(now: UnixMillis): void;
  /** One look at the tokens, as one that time brings. */
  tick(): void;
  /** What failed inside. */
  readonly failures: readonly unknown[];
}

/** A control server over devices in memory; time stands still until it is set. */
export async function startTestControl(
  devices: readonly KeptDevice[],
  options: Partial<ControlServerOptions> = {},
): Promise<TestControl> {
  let now = TEST_NOW;
  const actions = new Set<() => void>();
  const failures: unknown[] = [];
  const holder = options.holder ?? createMemoryHolder(devices);
  const server = await startControlServer({
    holder,
    clock: { now: () => now },
    env: { otp: createOtp(nodeCrypto) },
    accessToken: TEST_ACCESS,
    every(_millis, action) {
      actions.add(action);
      return () => actions.delete(action);
    },
    onFailure: (error) => failures.push(error),
    ...options,
  });
  return {
    ...server,
    holder,
    failures,
    set(to) {
      now = to;
    },
    tick() {
      for (const action of actions) action();
    },
  };
}

export interface JsonReply {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests read what they expect
  readonly body: any;
  readonly headers: Headers;
}

/** One request; a body is sent as JSON. */
export async function ask(
  { address }: Pick<ControlServer, 'address'>,
  method: string,
  path: string,
  body?: unknown,
): Promise<JsonReply> {
  const reply = await fetch(new URL(path, address), {
    method,
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }),
  });
  const text = await reply.text();
  return { status: reply.status, headers: reply.headers, body: parse(text) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export interface TestSocket {
  readonly socket: WebSocket;
  /** Each message that came, in order. */
  readonly heard: readonly (Notice | Answer)[];
  send(message: object): void;
  /** The first message, heard already or to come, of which this holds. */
  until<Found extends Notice | Answer>(
    holds: (message: Notice | Answer) => message is Found,
  ): Promise<Found>;
  until(holds: (message: Notice | Answer) => boolean): Promise<Notice | Answer>;
  close(): void;
}

export async function listenTo({ address }: Pick<ControlServer, 'address'>): Promise<TestSocket> {
  const socket = new WebSocket(new URL('v1/events', address.replace('http', 'ws')));
  const heard: (Notice | Answer)[] = [];
  socket.on('message', (data) => {
    heard.push(JSON.parse(String(data)) as Notice | Answer);
    socket.emit('heard');
  });
  const until = async (holds: (message: Notice | Answer) => boolean) => {
    for (;;) {
      const found = heard.find(holds);
      if (found !== undefined) return found;
      if (socket.readyState > socket.OPEN) throw new Error('the connection has ended');
      await Promise.race([once(socket, 'heard'), once(socket, 'close')]);
    }
  };
  await once(socket, 'open');
  return {
    socket,
    heard,
    send: (message) => socket.send(JSON.stringify(message)),
    until: until as TestSocket['until'],
    close: () => socket.terminate(),
  };
}

export const isHello = (message: Notice | Answer): boolean =>
  'event' in message && message.event === 'hello';

/** A change after which the token is like that. */
export function isChange(like: (token: TokenView) => boolean) {
  return (message: Notice | Answer): boolean =>
    'event' in message && message.event === 'changed' && like(message.token);
}

export const isAnswer =
  (id: number) =>
  (message: Notice | Answer): boolean =>
    'id' in message && message.id === id;
