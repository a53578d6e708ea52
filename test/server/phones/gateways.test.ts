import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { request } from 'undici';
import { createBusinessOptions } from '../../../server/business-settings.ts';
import { createDelivery, type GatewayFailure } from '../../../server/phones/delivery.ts';
import { createHttpGateway } from '../../../server/phones/gateway-http.ts';
import { createMailGateway } from '../../../server/phones/gateway-mail.ts';
import type { PhonesOptions } from '../../../server/phones/options.ts';
import type { PhoneMessage } from '../../../server/phones/port.ts';
import type { UnixMillis } from '../../../shared/types.ts';
import { startMutePeer, startSmtpPeer } from '../../support/smtp-peer.ts';
import { errorOf } from '../accounts/room.ts';

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
  const peer = await startMutePeer();
  await peer.close();
  return peer.port;
}

describe('phone gateways: HTTP, against a process of its own', () => {
  let program: ChildProcess;
  let url: string;
  let failures: GatewayFailure[];
  let takenBy: string[];

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
    takenBy = [];
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
      onTaken: (name) => takenBy.push(name),
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
      expect(takenBy).to.deep.equal(['b']);
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
  const opened: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const peer of opened.splice(0)) await peer.close();
  });
  const open = async <Peer extends { close(): Promise<void> }>(
    starting: Promise<Peer>,
  ): Promise<Peer> => {
    const peer = await starting;
    opened.push(peer);
    return peer;
  };
  const gateway = (port: number, timeoutMillis = 500) =>
    createMailGateway({
      ...{ type: 'mail', name: 'mail', host: '127.0.0.1', port, security: 'none' },
      ...{ from: 'codes@example.com', to: '{national}@texts.example.com', kinds: ['text'] },
      timeoutMillis,
    });
  const signal = () => AbortSignal.timeout(2_000);

  it('mails the text to the number at the carrier', async () => {
    const peer = await open(startSmtpPeer());
    const sent = message();
    await gateway(peer.port).send(sent, signal());
    const [mail] = peer.mails;
    expect(mail?.to).to.deep.equal(['2025550123@texts.example.com']);
    expect(mail?.parsed.text).to.contain('Your code is 123456.');
    expect(mail?.parsed.messageId).to.equal(`<${sent.id}@example.com>`);
    expect(gateway(peer.port).takes({ kind: 'voice', country: 'US' })).to.equal(false);
  });

  it('fails where the mail server refuses, hangs or is not there', async () => {
    const refusing = await open(startSmtpPeer());
    refusing.faults.push({ at: 'rcpt', with: 550 });
    const hanging = await open(startMutePeer());
    for (const port of [refusing.port, hanging.port, await deadPort()]) {
      const failed = await gateway(port)
        .send(message(), signal())
        .then(
          () => false,
          () => true,
        );
      expect(failed, String(port)).to.equal(true);
    }
    expect(refusing.mails).to.deep.equal([]);
  });

  it('hangs up when time is up: no text follows that of another gateway', async function () {
    // Long before the gateway's own time-outs.
    this.timeout(4_000);
    const hanging = await open(startMutePeer());
    const failure = gateway(hanging.port, 5_000)
      .send(message(), AbortSignal.timeout(50))
      .catch((reason: unknown) => reason);
    await hanging.left;
    expect(await failure).to.be.instanceOf(Error);
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

  it('reads the password of a mail gateway beside it', () => {
    writeFileSync(path.join(directory, 'password'), 'from the carrier\n');
    const mail = {
      ...{ type: 'mail', name: 'mail', host: 'mail.example.com', from: 'codes@example.com' },
      ...{ to: '{national}@texts.example.com', user: 'fobd', passwordFile: 'password' },
    };
    expect(read({ gateways: [mail] })?.gateways[0]).to.deep.include({
      login: { user: 'fobd', password: 'from the carrier' },
      ...{ port: 587, security: 'starttls', kinds: ['text'] },
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
