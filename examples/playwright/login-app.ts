import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { verify } from 'otplib';

/**
 * What is tested here: a small web login with a one-time code, as many are. It accepts the time
 * step before and after, and ten counters ahead; a code once; and locks after five wrong ones.
 */
export interface LoginApp {
  readonly url: string;
  /** Puts a user's token on record. @param otpauth as an `otpauth://` address */
  enrol(user: string, otpauth: string): void;
  close(): Promise<void>;
}

export interface LoginAppOptions {
  /** The server's clock, in milliseconds since 1970. */
  readonly clock: () => number;
}

export type Answer =
  | 'Welcome'
  | 'Wrong code'
  | 'This code was used already'
  | 'A code is six digits'
  | 'Locked: call the helpdesk';

interface OnRecord {
  readonly type: 'totp' | 'hotp';
  readonly seed: string;
  /** The last time step or counter that was accepted. */
  lastFactor: number;
  wrongInRow: number;
}

const WRONG_MAX = 5;
const LOOK_AHEAD = 10;
const STEP_SECONDS = 30;
const BODY_CHARACTERS_MAX = 1000;

export async function startLoginApp({ clock }: LoginAppOptions): Promise<LoginApp> {
  const users = new Map<string, OnRecord>();
  const server = http.createServer((request, response) => {
    const say = (answer: Answer | '') => {
      response.setHeader('content-type', 'text/html; charset=utf-8');
      response.end(pageOf(answer));
    };
    if (request.method !== 'POST') return say('');
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (text: string) => {
      body = (body + text).slice(0, BODY_CHARACTERS_MAX);
    });
    request.on('end', () => {
      const form = new URLSearchParams(body);
      const user = users.get(form.get('user') ?? '');
      check(user, form.get('code') ?? '', clock()).then(say, () => response.writeHead(500).end());
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    enrol(user, otpauth) {
      users.set(user, onRecord(otpauth));
    },
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

function onRecord(otpauth: string): OnRecord {
  const address = new URL(otpauth);
  const seed = address.searchParams.get('secret') ?? '';
  const type = address.host === 'hotp' ? 'hotp' : 'totp';
  const counter = Number(address.searchParams.get('counter') ?? 0);
  return { type, seed, lastFactor: type === 'hotp' ? counter - 1 : -1, wrongInRow: 0 };
}

async function check(user: OnRecord | undefined, code: string, now: number): Promise<Answer> {
  if (!/^[0-9]{6}$/.test(code)) return 'A code is six digits';
  if (user === undefined) return 'Wrong code';
  if (user.wrongInRow >= WRONG_MAX) return 'Locked: call the helpdesk';
  const factor = await (user.type === 'hotp'
    ? matchCounter(user, code)
    : matchStep(user, code, now));
  if (factor === undefined) {
    user.wrongInRow += 1;
    return 'Wrong code';
  }
  if (factor <= user.lastFactor) return 'This code was used already';
  user.lastFactor = factor;
  user.wrongInRow = 0;
  return 'Welcome';
}

async function matchStep({ seed }: OnRecord, token: string, now: number) {
  const epoch = Math.floor(now / 1000);
  const found = await verify({ secret: seed, token, epoch, epochTolerance: STEP_SECONDS });
  return found.valid ? Math.floor(epoch / STEP_SECONDS) + found.delta : undefined;
}

async function matchCounter({ seed, lastFactor }: OnRecord, token: string) {
  const counter = lastFactor + 1;
  const found = await verify({
    secret: seed,
    strategy: 'hotp',
    token,
    counter,
    counterTolerance: LOOK_AHEAD,
  });
  return found.valid ? counter + found.delta : undefined;
}

/** Nothing that somebody typed is put into the page. */
function pageOf(answer: Answer | ''): string {
  return `<!doctype html><html lang="en"><title>Sign in</title><h1>Sign in</h1>
<form method="post">
  <label>User <input name="user" autocomplete="username"></label>
  <label>Code <input name="code" autocomplete="one-time-code"></label>
  <button>Sign in</button>
</form>
<p role="status">${answer}</p></html>`;
}
