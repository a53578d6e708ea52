import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { createHttpGateway } from '../../../server/phones/gateway-http.ts';
import type { PhoneGateway, PhoneMessage } from '../../../server/phones/port.ts';
import type { AccountId, Serial, UnixMillis } from '../../../shared/types.ts';
import { makeCertificate } from '../../support/certificates.ts';
import { errorOf } from '../accounts/room.ts';
import { openRoom, Room, UK_NUMBER, US_NUMBER, US_SECOND, USER } from './room.ts';

const refusalsOf = (results: readonly PromiseSettledResult<unknown>[]): readonly string[] =>
  results.flatMap((result) =>
    result.status === 'rejected' ? [(result.reason as { code: string }).code] : [],
  );

describe('phones: attempts at once', () => {
  it('sends one text however often it is asked for one at the same time', async () => {
    const room = await openRoom();
    await room.subscribe('phone');
    const phone = await room.proved(US_NUMBER, room.person('password'));
    const before = room.texts.length;
    const asked = await Promise.allSettled(Array.from({ length: 50 }, () => room.send(phone)));
    expect(room.texts.length - before).to.equal(1);
    expect(new Set(refusalsOf(asked))).to.deep.equal(new Set(['tooManyRequests']));
    // And that one is the code that counts.
    const { outcome } = await room.tokens.verifyBy(USER, room.code());
    expect(outcome).to.equal('accepted');
  });

  it('takes one number and sends one code where ten are added at once', async () => {
    const room = await openRoom();
    await room.subscribe('phone');
    const numbers = Array.from({ length: 10 }, (_, place) => `+1202555012${place}`);
    const added = await Promise.allSettled(
      numbers.map((number) => room.add(number, room.person('password'))),
    );
    expect(refusalsOf(added)).to.have.length(9);
    expect(room.texts).to.have.length(1);
    expect(await room.phones.list(USER)).to.have.length(1);
  });

  it('sends one number no more than its limit, however many accounts ask at once', async () => {
    const room = await openRoom({ limits: { number: { hour: 4, day: 4 } } });
    const accounts = await Promise.all(
      Array.from({ length: 12 }, (_, place) => room.tokens.account(`user_${place}`)),
    );
    for (const account of accounts) await room.subscribe('phone', { account });
    const added = await Promise.allSettled(
      accounts.map((account) =>
        room.phones.add(
          { account, number: US_NUMBER, country: 'US', kind: 'text' },
          room.person('password', account),
        ),
      ),
    );
    expect(room.texts).to.have.length(4);
    expect(refusalsOf(added)).to.have.length(8);
  });
});

describe('phones: what is kept', () => {
  it('keeps cool-down and limits over a restart', async () => {
    const room = await openRoom({ limits: { all: { hour: 3, day: 3 } } });
    await room.subscribe('phone');
    const phone = await room.proved(US_NUMBER, room.person('password'));
    await room.send(phone);
    const restarted = new Room(room.tokens, { limits: { all: { hour: 3, day: 3 } } });
    const hasty = await errorOf(restarted.send(phone));
    expect(hasty).to.include({ code: 'tooManyRequests', retryAfterSeconds: 30 });
    room.pass(30);
    await restarted.send(phone);
    room.pass(30);
    expect((await errorOf(restarted.send(phone))).code).to.equal('tooManyRequests');
  });

  it('counts codes of numbers that were removed: taking one off and on sends no more', async () => {
    const room = await openRoom({ limits: { account: { hour: 3, day: 3 } } });
    await room.subscribe('phone');
    await room.proved(US_NUMBER, room.person('password'));
    for (let round = 0; round < 2; round += 1) {
      const { phone } = await room.add(US_SECOND, room.person('phoneOtp'));
      await room.phones.remove({ account: USER, phone: phone.id }, room.person('phoneOtp'));
      const hasty = await errorOf(room.add(US_SECOND, room.person('phoneOtp')));
      expect(hasty.code).to.equal('tooManyRequests');
      room.pass(30);
    }
    expect(
      (await errorOf(room.add(US_SECOND, room.person('phoneOtp')))).retryAfterSeconds,
    ).to.be.greaterThan(3000);
  });

  it('has no whole number and no code in any entry of the audit log', async () => {
    const room = await openRoom();
    await room.subscribe('phone');
    const phone = await room.proved(US_NUMBER, room.person('password'));
    await room.send(phone);
    const codes = [room.code()];
    await room.tokens.verifyBy(USER, room.wrong());
    room.fails = true;
    room.pass(30);
    await errorOf(room.send(phone));
    room.fails = false;
    room.pass(30);
    const { phone: second } = await room.add(US_SECOND, room.person('phoneOtp'));
    await room.phones.remove({ account: USER, phone: second.id }, room.person('phoneOtp'));
    const log = JSON.stringify(await room.tokens.audit());
    expect(log).to.contain('failPhoneDelivery').and.to.contain('removePhone');
    for (const text of ['2025550123', '2025550124', ...codes]) expect(log).not.to.contain(text);
    for (const { text } of room.texts) {
      const [code = 'none'] = /\d{6}/.exec(text) ?? [];
      expect(log).not.to.contain(code);
    }
  });
});

describe('phones: codes whose ground is gone', () => {
  it('does not take a code of a credential that was revoked meanwhile', async () => {
    const room = await openRoom();
    const id = await room.subscribe('phone');
    const phone = await room.proved(US_NUMBER, room.person('password'));
    await room.send(phone);
    const code = room.code();
    await room.credentials.revoke(
      { account: USER, credential: `${id}.phoneOtp` as never, confirmed: true },
      room.person('password'),
    );
    expect((await room.tokens.verifyBy(USER, code)).outcome).not.to.equal('accepted');
  });

  it('does not prove, with its code, a number that was removed and added again', async () => {
    const room = await openRoom();
    await room.subscribe('phone');
    const caller = room.person('password');
    const { phone } = await room.add(US_NUMBER, caller);
    const code = room.code();
    await room.phones.remove({ account: USER, phone: phone.id }, caller);
    expect((await errorOf(room.verify(phone.id, code))).code).to.equal('notFound');
    room.pass(30);
    const again = await room.add(US_NUMBER, room.person('password'));
    if (room.code() !== code) {
      expect((await room.verify(again.phone.id, code)).outcome).to.equal('wrongCode');
    }
    expect(again.phone.id).not.to.equal(phone.id);
  });

  it('asks for the token first where its proofing would come with a number', async () => {
    const room = await openRoom();
    const credential = {
      registeredAt: room.now,
      serial: 'E6-00000001' as Serial,
      proofing: { state: 'passed', at: room.now, method: 'video' },
    } as const;
    await room.subscribe('hardware-token-proofed', { credential, stage: 'active' });
    // With a stolen password, an unproofed Phone OTP is bought and redeemed.
    await room.subscribe('phone');
    const thief = await errorOf(room.add(US_NUMBER, room.person('password')));
    expect(thief.code).to.equal('strengthTooLow');
    expect(room.texts).to.deep.equal([]);
    await room.add(US_NUMBER, room.person('hardwareToken'));
    expect(room.texts).to.have.length(1);
  });

  it('activates a proofed Phone OTP beside a proofed token at the password', async () => {
    const room = await openRoom();
    const proofing = { state: 'passed', at: room.now, method: 'video' } as const;
    await room.subscribe('hardware-token-proofed', {
      credential: { registeredAt: room.now, proofing },
      stage: 'active',
    });
    await room.subscribe('phone-proofed', { credential: { proofing } });
    await room.add(US_NUMBER, room.person('password'));
    expect(room.texts).to.have.length(1);
  });

  it('tells who has the password alone nothing about which numbers there are', async () => {
    const room = await openRoom();
    await room.subscribe('phone');
    await room.proved(US_NUMBER, room.person('password'));
    const caller = room.person('password');
    const known = await errorOf(room.add(US_NUMBER, caller));
    const unknown = await errorOf(room.add(US_SECOND, caller));
    expect([known.code, known.message]).to.deep.equal([unknown.code, unknown.message]);
    expect((await errorOf(room.add(UK_NUMBER, caller, { country: 'GB' }))).code).to.equal(
      'phoneCountryMismatch',
    );
    expect(await room.phones.list('nobody' as AccountId)).to.deep.equal([]);
  });
});

describe('phone gateways that are hostile', () => {
  let server: Server | undefined;

  afterEach(async () => {
    server?.closeAllConnections();
    server?.close();
    server = undefined;
  });

  const message: PhoneMessage = {
    ...{ id: 'm1', number: US_NUMBER, country: 'US', text: 'Your code is 123456.' },
    kind: 'text',
  };

  const gatewayAt = (url: string, tries = 1): PhoneGateway =>
    createHttpGateway(
      {
        ...{ type: 'http', name: 'g', url, key: Buffer.alloc(32, 7), timeoutMillis: 300, tries },
        kinds: ['text'],
      },
      { now: () => Date.now() as UnixMillis },
    );

  const listen = async (made: Server): Promise<number> => {
    server = made;
    made.listen(0, '127.0.0.1');
    await once(made, 'listening');
    return (made.address() as AddressInfo).port;
  };
  const serve = async (listener: RequestListener): Promise<string> =>
    `http://127.0.0.1:${await listen(createServer(listener))}/send`;
  const sendTo = async (url: string, tries?: number): Promise<unknown> =>
    gatewayAt(url, tries)
      .send(message, AbortSignal.timeout(3000))
      .then(
        () => 'taken',
        (error: unknown) => error,
      );

  it('are not followed elsewhere: a redirection has not taken the message', async () => {
    const paths: string[] = [];
    const url = await serve((request, response) => {
      paths.push(request.url ?? '');
      response.writeHead(307, { location: '/elsewhere' }).end();
    });
    expect(await sendTo(url, 3)).to.include({ name: 'GatewayRefusal', status: 307 });
    expect(paths).to.deep.equal(['/send']);
  });

  it('keep nobody waiting with a reply without end, and fill no memory', async () => {
    let written = 0;
    const url = await serve((_request, response) => {
      response.writeHead(200);
      const chunk = Buffer.alloc(65_536);
      const pump = () => {
        while (!response.destroyed && response.write(chunk)) written += chunk.length;
      };
      response.on('drain', pump);
      pump();
    });
    const began = performance.now();
    expect(await sendTo(url)).to.equal('taken');
    expect(performance.now() - began).to.be.below(2000);
    expect(written).to.be.below(64 * 1024 * 1024);
  });

  it('keep nobody waiting with a reply letter by letter', async () => {
    const timers: NodeJS.Timeout[] = [];
    const url = await serve((_request, response) => {
      response.writeHead(503);
      timers.push(setInterval(() => response.write('x'), 20));
    });
    const began = performance.now();
    expect(await sendTo(url)).to.include({ status: 503 });
    expect(performance.now() - began).to.be.below(2000);
    for (const timer of timers) clearInterval(timer);
  });

  it('are told nothing where the certificate is not to be trusted', async function () {
    this.timeout(20_000);
    const directory = mkdtempSync(path.join(tmpdir(), 'fobd-gateway-'));
    try {
      const made = await makeCertificate(directory, { name: 'gateway' });
      let heard = 0;
      const port = await listen(
        createTlsServer(
          { cert: readFileSync(made.certificateFile), key: readFileSync(made.keyFile) },
          () => {
            heard += 1;
          },
        ),
      );
      expect(await sendTo(`https://127.0.0.1:${port}/send`)).to.be.instanceOf(Error);
      expect(heard).to.equal(0);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });
});
