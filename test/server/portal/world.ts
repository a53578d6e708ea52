import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import Koa from 'koa';
import mount from 'koa-mount';
import { Agent, type Dispatcher, request as sendRequest } from 'undici';
import type { Caller } from '../../../server/access/scopes.ts';
import { createHashing } from '../../../server/accounts/hashing.ts';
import { createPasswordService } from '../../../server/accounts/passwords.ts';
import type { PasswordAnswer, PasswordService } from '../../../server/accounts/passwords-port.ts';
import type { ApplicationService } from '../../../server/applications/port.ts';
import { createApplicationService } from '../../../server/applications/service.ts';
import { createLimits } from '../../../server/http/limits.ts';
import { DEFAULT_LIMITS } from '../../../server/http/limits-options.ts';
import { KINDS } from '../../../server/kinds.ts';
import { openMobileIds } from '../../../server/mobile-ids/open.ts';
import { createNoticeWriter } from '../../../server/notices/writer.ts';
import type { ProductId } from '../../../server/orders/catalogue.ts';
import { openOrders } from '../../../server/orders/open.ts';
import type { OrderService } from '../../../server/orders/port.ts';
import type { ForwardAuthOptions } from '../../../server/portal/forward-auth-options.ts';
import { openPortal, type Portal } from '../../../server/portal/open.ts';
import type { ProofingService } from '../../../server/proofing/port.ts';
import type { SessionService } from '../../../server/sessions/port.ts';
import { createSessionService } from '../../../server/sessions/service.ts';
import { openMemoryStore } from '../../../server/store/memory.ts';
import { createSubscriptionService } from '../../../server/subscriptions/service.ts';
import { createPolicy } from '../../../server/verification/policy.ts';
import type { AccountId } from '../../../shared/types.ts';
import { testRng } from '../../support/fob-env.ts';
import { Room as Phones } from '../phones/room.ts';
import { OWNER, Room } from '../tokens/room.ts';
import { BUSINESS_KEY, openProofing, type Sold, sell } from './sold.ts';

/** The portal over the real services, and browsers without a screen that visit it. */

export const USER = 'blue_j';
export const NOTICES_KEY = new Uint8Array(32).fill(5);
export const PASSWORD = 'a quiet harbour at dusk';

export interface WorldOptions {
  readonly forwardAuth?: ForwardAuthOptions;
  /** Where people believe to be. Default: where the server listens. */
  readonly publicUrl?: string;
  /** Where orders by card are paid. Default: nowhere. */
  readonly paymentLink?: URL;
}

export class World {
  readonly room: Room;
  /** Subscriptions, phones and the texts that were sent to them. */
  readonly bought: Phones;
  readonly proofing: ProofingService;
  readonly orders: OrderService;
  readonly applications: ApplicationService;
  readonly sessions: SessionService;
  readonly passwords: PasswordService;
  readonly portal: Portal;
  /** Where it listens. */
  readonly url: string;
  readonly publicUrl: URL;
  readonly logged: object[] = [];
  /** What the next password comes to instead of being looked at; an error is thrown. */
  nextPassword: PasswordAnswer | Error | undefined;
  #sold = 0;
  readonly #server: Server;
  readonly #agent = new Agent({ connections: 20 });

  constructor(room: Room, server: Server, { forwardAuth, publicUrl, paymentLink }: WorldOptions) {
    this.room = room;
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    this.publicUrl = new URL(publicUrl ?? this.url);
    const { store, tokens, accounts } = room;
    const clock = { now: () => room.now };
    const given = { key: new Uint8Array(32).fill(8), rng: testRng };
    this.passwords = createPasswordService({
      store,
      accounts,
      hashing: createHashing(given, { parameters: { memoryKibibytes: 64, passes: 1, lanes: 1 } }),
      countingKey: new Uint8Array(32).fill(9),
    });
    this.sessions = createSessionService({ store, tokens, rng: testRng });
    this.bought = new Phones(room, {});
    this.proofing = openProofing(room);
    const { mobileIds } = openMobileIds({
      ...{ store, tokens, options: {}, vault: room.vault },
      rng: testRng,
    });
    const notices = createNoticeWriter({ key: NOTICES_KEY, rng: testRng, lab: true });
    const subscriptions = createSubscriptionService({ store, notices });
    const log = { error: (details: object) => this.logged.push(details) };
    this.orders = openOrders({
      ...{ store, notices, subscriptions, log, rootKey: BUSINESS_KEY, rng: testRng },
      payments: { processor: 'stripe', secrets: [], paymentLink },
    }).orders;
    this.applications = createApplicationService({ store, rng: testRng });
    this.portal = openPortal({
      publicUrl: this.publicUrl,
      ...{ forwardAuth, tokens, accounts },
      passwords: this.#passwords(),
      sessions: this.sessions,
      phones: this.bought.phones,
      credentials: this.bought.credentials,
      proofing: this.proofing,
      mobileIds,
      orders: this.orders,
      subscriptions,
      applications: this.applications,
      limits: createLimits(DEFAULT_LIMITS, { elapsedMillis: clock.now, rng: testRng }),
      trustedProxies: [],
      clock,
      rng: testRng,
      rootKey: new Uint8Array(32).fill(7),
      log,
    });
    const app = new Koa();
    app.silent = true;
    app.use(mount(this.portal.mount.path, this.portal.mount.app));
    const answer = app.callback();
    server.on('request', (request, response) => void answer(request, response));
  }

  /** The real one, unless a test says what comes next. */
  #passwords(): Pick<PasswordService, 'check'> {
    return {
      check: async (command, caller) => {
        const answer = this.nextPassword;
        this.nextPassword = undefined;
        if (answer instanceof Error) throw answer;
        return answer ?? this.passwords.check(command, caller);
      },
    };
  }

  /** A browser of its own, which nobody has signed in with. */
  visitor(): Visitor {
    return new Visitor(this.url, this.#agent);
  }

  /** One that has signed in with the password only. */
  async signedIn(user = USER): Promise<Visitor> {
    const visitor = this.visitor();
    await visitor.get('/sign-in');
    await visitor.submit({ step: 'password', user, password: PASSWORD });
    return visitor;
  }

  /** A subscription of `product` that is paid for now, and its licence key. */
  sell(product: ProductId): Promise<Sold> {
    this.#sold += 1;
    return sell(product, this.#sold, this.room);
  }

  /** The owner of the server, now. */
  caller(): Caller {
    return this.room.as(OWNER);
  }

  /** Nothing of the server failed meanwhile. */
  async close(): Promise<void> {
    await this.#agent.destroy();
    this.#server.closeAllConnections();
    this.#server.close();
    await this.room.store.close();
    expect(this.logged).to.deep.equal([]);
  }
}

export async function openWorld(options: WorldOptions = {}): Promise<World> {
  const store = await openMemoryStore({
    kinds: KINDS,
    writer: 'test',
    auditKey: new Uint8Array(32),
  });
  const room = new Room(store, createPolicy(), false);
  await room.account(USER);
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const world = new World(room, server, options);
  await world.passwords.set(USER as AccountId, PASSWORD, world.caller());
  return world;
}

export interface Shown {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly html: string;
  /** What a person reads, a line a block. */
  readonly text: string;
}

/** Keeps cookies and shows what it is sent; follows nothing by itself. */
export class Visitor {
  readonly cookies = new Map<string, string>();
  /** Every Set-Cookie it was sent. */
  readonly setCookies: string[] = [];
  shown: Shown | undefined;
  #at = '/';
  readonly #url: string;
  readonly #agent: Agent;

  constructor(url: string, agent: Agent) {
    this.#url = url;
    this.#agent = agent;
  }

  async send(
    method: string,
    path: string,
    { headers = {}, body }: { headers?: Readonly<Record<string, string>>; body?: string } = {},
  ): Promise<Shown> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const reply = await sendRequest(this.#url + path, {
      method: method as Dispatcher.HttpMethod,
      dispatcher: this.#agent,
      headers: { ...(cookie === '' ? {} : { cookie }), ...headers },
      body: body ?? null,
    });
    const html = await reply.body.text();
    this.#keep([reply.headers['set-cookie'] ?? []].flat());
    this.shown = { status: reply.statusCode, headers: reply.headers, html, text: readPage(html) };
    return this.shown;
  }

  #keep(lines: readonly string[]): void {
    this.setCookies.push(...lines);
    for (const line of lines) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (/; Max-Age=0/.test(line)) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
  }

  /** Goes there, as by a link or the address bar. */
  async get(path: string): Promise<Shown> {
    this.#at = path;
    return this.send('GET', path);
  }

  /** Goes where the last reply leads. */
  follow(): Promise<Shown> {
    const location = this.shown?.headers['location'];
    if (typeof location !== 'string') throw new Error(`no redirect: ${this.shown?.status}`);
    return this.get(location);
  }

  /** Fills in the form of the shown page that has such a step (or the first), and sends it. */
  async submit(
    fields: Readonly<Record<string, string>>,
    { headers = {} }: { headers?: Readonly<Record<string, string>> } = {},
  ): Promise<Shown> {
    const form = formOf(this.shown?.html ?? '', fields);
    const path = form.action || this.#at;
    this.#at = path;
    return this.send('POST', path, {
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'sec-fetch-site': 'same-origin',
        origin: 'null',
        ...headers,
      },
      body: new URLSearchParams({ ...form.hidden, ...fields }).toString(),
    });
  }

  /** Sends a form that no page has shown, with the token of this session's forms. */
  async make(path: string, fields: Readonly<Record<string, string>> = {}): Promise<Shown> {
    const { html } = await this.get('/account/otp/get');
    const [, form = ''] = /name="form" value="([^"]+)"/.exec(html) ?? [];
    return this.send('POST', path, {
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'sec-fetch-site': 'same-origin',
      },
      body: new URLSearchParams({ form, ...fields }).toString(),
    });
  }
}

interface FoundForm {
  readonly action: string;
  readonly hidden: Readonly<Record<string, string>>;
}

/** The form whose hidden fields agree with `fields`. */
function formOf(page: string, fields: Readonly<Record<string, string>>): FoundForm {
  const forms = Array.from(
    page.matchAll(/<form[^>]*method="post"[^>]*action="([^"]*)"[^>]*>(.*?)<\/form>/gs),
  );
  for (const [, action = '', inside = ''] of forms) {
    const inputs = inside.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g);
    const hidden = Object.fromEntries(
      Array.from(inputs, ([, name = '', value = '']) => [name, plainText(value)]),
    );
    const fits = Object.entries(fields).every(([name, value]) => (hidden[name] ?? value) === value);
    if (fits) return { action: plainText(action), hidden };
  }
  throw new Error(`no such form: ${readPage(page)}`);
}

const plainText = (text: string): string =>
  text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');

/** Without its head; an empty field is `[label]`. */
export function readPage(page: string): string {
  const main = page.replace(/^.*?<header/s, '<header').replace(/<summary>.*?<\/summary>/gs, '');
  return plainText(
    main
      .replace(/\s+/g, ' ')
      .replace(/<\/(p|h1|h2|dd|li|div|button|label|span|legend|a|dl|section)>/g, '\n')
      .replace(/<[^>]*>/g, ' '),
  )
    .split('\n')
    .map((line) => line.replace(/\s+/g, ' ').trim())
    .filter((line) => line !== '')
    .join('\n');
}
