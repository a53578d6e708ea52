import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { SMTPServer } from 'smtp-server';
import { request } from 'undici';
import { createBusinessOptions } from '../../../server/business-settings.ts';
import { createDelivery, type GatewayFailure } from '../../../server/phones/delivery.ts';
import { createHttpGateway } from '../../../server/phones/gateway-http.ts';
import { createMailGateway } from '../../../server/phones/gateway-mail.ts';
import type { PhonesOptions } from '../../../server/phones/options.ts';
import type { PhoneMessage } from '../../../server/phones/port.ts';
import type { UnixMillis } from '../../../shared/types.ts';
import { errorOf } from './room.ts';

const KEY = Buffer.alloc(32, 7);
const PROGRAM = fileURLToPath(new URL('../../support/phone-gateway.ts', import.meta.url));
const clock = { now: () => Date.now() as UnixMillis };

let ids = 0;
const message = (kind: PhoneMessage['kind'] = 'text', country = 'US'): PhoneMessage => {
  ids += 1;
  return { id: `m${ids}`, number: '+12025550123', country, kind, text: 'Your code is 123456.' };
};

/** A port of this machine that nobody listens on. */
async function deadPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

describe('phone gateways: HTTP, against a process of its own', () => {
  let program: ChildProcess;
  let url: string;
  let failures: GatewayFailure[];

  before(async function () {
    this.timeout(20_000);
    const args = ['--import', 'tsx', PROGRAM, KEY.toString('base64')];
    program = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    if (program.stdout === null) throw new Error('no output');
    const [line] = (await once(program.stdout, 'data')) as [Buffer];
    url = `http://127.0.0.1:${Number(line.toString())}`;
  });
  after(() => program.kill());
  beforeEach(() => {
    failures = [];
  });

  const behave = async (...replies: (number | string)[]): Promise<void> => {
    const { body } = await request(`${url}/behave`, {
      method: 'POST',
      body: JSON.stringify(replies),
    });
    await body.dump();
  };
  const received = async () => {
    const { body } = await request(`${url}/received`);
    return (await body.json()) as {
      asked: readonly { id: string; path: string }[];
      sent: readonly object[];
    };
  };
  const gateway = (name: string, more: Partial<Parameters<typeof createHttpGateway>[0]> = {}) =>
    createHttpGateway(
      {
        ...{ type: 'http', name, url: `${url}/${name}`, key: KEY, timeoutMillis: 300, tries: 2 },
        ...{ kinds: ['text', 'voice'] },
        ...more,
      },
      clock,
    );
  const delivery = (...gateways: ReturnType<typeof gateway>[]) =>
    createDelivery(gateways, {
      deadlineMillis: 2_000,
      onFailure: (failure) => failures.push(failure),
    });

  it('sends a signed message, which the gateway takes', async () => {
    await behave();
    const sent = message();
    await delivery(gateway('a')).deliver(sent);
    expect((await received()).sent).to.deep.equal([
      { id: sent.id, to: '+12025550123', kind: 'text', text: 'Your code is 123456.' },
    ]);
  });

  it('is refused with a wrong key, for good', async () => {
    await behave();
    const wrong = gateway('a', { key: Buffer.alloc(32, 8) });
    expect((await errorOf(delivery(wrong).deliver(message()))).code).to.equal('unavailable');
    expect(failures.map(({ error }) => String(error))).to.deep.equal([
      'GatewayRefusal: the gateway answered 401',
    ]);
  });

  for (const failing of [500, 503, 429, 'drop'] as const) {
    it(`tries again under the same id after ${failing}, and is sent once`, async () => {
      await behave(failing);
      const sent = message();
      await delivery(gateway('a')).deliver(sent);
      const { asked, sent: taken } = await received();
      expect(asked.map(({ id }) => id)).to.deep.equal([sent.id, sent.id]);
      expect(taken).to.have.length(1);
    });
  }

  for (const failing of [400, 404, 302, 'hang'] as const) {
    it(`does not try the same gateway again after ${failing}: the next takes over`, async () => {
      await behave(failing);
      await delivery(gateway('a'), gateway('b')).deliver(message());
      const { asked, sent } = await received();
      expect(asked.map((each) => each.path)).to.deep.equal(['/a', '/b']);
      expect(sent).to.have.length(1);
      expect(failures.map((failure) => failure.gateway)).to.deep.equal(['a']);
    });
  }

  it('takes over from a gateway that refuses connections, or is busy for long', async () => {
    await behave(500, 500);
    const dead = gateway('dead', { url: `http://127.0.0.1:${await deadPort()}/` });
    await delivery(dead, gateway('a'), gateway('b')).deliver(message());
    expect((await received()).asked.map((each) => each.path)).to.deep.equal(['/a', '/a', '/b']);
  });

  it('knows a message again that it has taken already', async () => {
    await behave();
    const sent = message();
    await delivery(gateway('a')).deliver(sent);
    await delivery(gateway('a')).deliver(sent);
    const { asked, sent: taken } = await received();
    expect(asked).to.have.length(2);
    expect(taken).to.have.length(1);
  });

  it('gives up when none takes it, within its deadline', async () => {
    await behave('hang', 'hang', 'hang');
    const slow = { timeoutMillis: 5_000 };
    const all = createDelivery([gateway('a', slow), gateway('b', slow)], { deadlineMillis: 300 });
    const began = performance.now();
    expect((await errorOf(all.deliver(message()))).code).to.equal('unavailable');
    expect(performance.now() - began).to.be.lessThan(3_000);
    expect((await received()).asked.map((each) => each.path)).to.deep.equal(['/a']);
  });

  it('asks only gateways that reach such a phone in such a country', async () => {
    await behave();
    const all = delivery(
      gateway('texts', { kinds: ['text'] }),
      gateway('canada', { countries: ['CA'] }),
      gateway('voice', { kinds: ['voice'], countries: ['US'] }),
    );
    await all.deliver(message('voice'));
    await all.deliver(message('voice', 'CA'));
    expect((await received()).asked.map((each) => each.path)).to.deep.equal(['/voice', '/canada']);
    expect(all.canReach({ kind: 'voice', country: 'GB' })).to.equal(false);
    expect((await errorOf(all.deliver(message('voice', 'GB')))).code).to.equal('unavailable');
  });
});

describe('phone gateways: mail-to-text, against a mail server', () => {
  const opened: SMTPServer[] = [];
  afterEach(() => {
    for (const server of opened.splice(0)) server.close();
  });

  async function mailServer(options: ConstructorParameters<typeof SMTPServer>[0]) {
    const server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      ...options,
    });
    server.on('error', () => undefined);
    opened.push(server);
    const listening = server.listen(0, '127.0.0.1');
    await once(listening, 'listening');
    return (listening.address() as AddressInfo).port;
  }
  const gateway = (port: number) =>
    createMailGateway({
      ...{ type: 'mail', name: 'mail', host: '127.0.0.1', port, security: 'none' },
      ...{ from: 'codes@example.com', to: '{national}@texts.example.com', kinds: ['text'] },
      timeoutMillis: 500,
    });
  const signal = () => AbortSignal.timeout(2_000);

  it('mails the text to the number at the carrier', async () => {
    const mails: string[] = [];
    const to: string[] = [];
    const port = await mailServer({
      onData(stream, session, done) {
        to.push(...session.envelope.rcptTo.map(({ address }) => address));
        let mail = '';
        stream.on('data', (part: Buffer) => {
          mail += part.toString();
        });
        stream.on('end', () => {
          mails.push(mail);
          done();
        });
      },
    });
    const sent = message();
    await gateway(port).send(sent, signal());
    expect(to).to.deep.equal(['2025550123@texts.example.com']);
    expect(mails[0]).to.contain('Your code is 123456.');
    expect(mails[0]).to.contain(`Message-ID: <${sent.id}@example.com>`);
    expect(gateway(port).takes({ kind: 'voice', country: 'US' })).to.equal(false);
  });

  it('fails where the mail server refuses, hangs or is not there', async () => {
    const refusing = await mailServer({
      onRcptTo: (_address, _session, done) => done(new Error('no such number')),
    });
    const hanging = createServer().listen(0, '127.0.0.1');
    await once(hanging, 'listening');
    const ports = [refusing, (hanging.address() as AddressInfo).port, await deadPort()];
    for (const port of ports) {
      const failed = await gateway(port)
        .send(message(), signal())
        .then(
          () => false,
          () => true,
        );
      expect(failed, String(port)).to.equal(true);
    }
    hanging.close();
  });
});

describe('phone gateways: the file of --phones', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'fobd-phones-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const read = (file: object): PhonesOptions | undefined => {
    writeFileSync(path.join(directory, 'phones.json'), JSON.stringify(file));
    const none = { mail: undefined, payments: undefined, proofing: undefined, helpdesk: undefined };
    const settings = { ...none, mobileIdIssuer: undefined, phones: 'phones.json' };
    return createBusinessOptions(settings, directory).phones;
  };
  const http = { type: 'http', name: 'main', url: 'https://texts.example.com/', keyFile: 'key' };

  it('reads keys beside it, and has defaults for the rest', () => {
    writeFileSync(path.join(directory, 'key'), `whsec_${KEY.toString('base64')}\n`);
    const options = read({ gateways: [http], limits: { all: { hour: 5, day: 6 } } });
    expect(options?.gateways[0]).to.deep.include({ key: KEY, tries: 2, kinds: ['text', 'voice'] });
    expect(options?.limits).to.deep.include({
      all: { hour: 5, day: 6 },
      account: { hour: 10, day: 20 },
    });
  });

  const refused = [
    ['no gateway', { gateways: [] }],
    ['an address without TLS', { gateways: [{ ...http, url: 'http://texts.example.com/' }] }],
    ['a password in an address', { gateways: [{ ...http, url: 'https://a:b@example.com/' }] }],
    ['two gateways of a name', { gateways: [http, http] }],
    ['a country that is none', { gateways: [http], countries: ['XX'] }],
    ['a key that is not there', { gateways: [{ ...http, keyFile: 'none' }] }],
    ['a key that is too short', { gateways: [{ ...http, keyFile: 'short' }] }],
    [
      'mail without TLS to elsewhere',
      {
        gateways: [
          {
            ...{ type: 'mail', name: 'mail', host: 'mail.example.com', security: 'none' },
            ...{ from: 'codes@example.com', to: '{national}@texts.example.com' },
          },
        ],
      },
    ],
    ['a limit of nothing', { gateways: [http], limits: { all: { hour: 0, day: 1 } } }],
  ] as const;
  for (const [what, file] of refused) {
    it(`refuses ${what}`, () => {
      writeFileSync(path.join(directory, 'key'), KEY.toString('base64'));
      writeFileSync(path.join(directory, 'short'), 'YWJj');
      expect(() => read(file))
        .to.throw()
        .with.property('code', 'usage');
    });
  }
});
