import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import path from 'node:path';
import { TLSSocket } from 'node:tls';
import { expect } from 'chai';
import { openDirectory } from '../../../../server/accounts/directory/ldap.ts';
import type { DirectoryOptions } from '../../../../server/accounts/directory/options.ts';
import type { Directory } from '../../../../server/accounts/directory/port.ts';
import { FobtwinError } from '../../../../shared/errors.ts';
import { PASSWORD, type People, peopleOrSkip, SERVICE } from './people.ts';

describe('the way to a directory', () => {
  let people: People;
  const opened: Directory[] = [];
  const servers: Server[] = [];
  const sockets: Socket[] = [];
  before(async function () {
    people = await peopleOrSkip(this);
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((directory) => directory.close()));
    for (const socket of sockets.splice(0)) socket.destroy();
    await Promise.all(servers.splice(0).map((server) => once(server.close(), 'close')));
  });
  after(() => people?.remove());

  function open(options: DirectoryOptions, now: () => number = () => Date.now()): Directory {
    const directory = openDirectory(options, { now });
    opened.push(directory);
    return directory;
  }

  /** What a directory that cannot be asked throws; its detail is for the log. */
  async function refusal(asked: Promise<unknown>): Promise<string> {
    const error = await asked.then(
      (answer) => new Error(`answered ${JSON.stringify(answer)}`),
      (reason: unknown) => reason,
    );
    if (!(error instanceof FobtwinError)) throw error;
    expect(error.code).to.equal('unavailable');
    expect(error.detail).to.be.a('string');
    for (const text of [
      error.message,
      error.detail ?? '',
      error.nextStep ?? '',
      error.stack ?? '',
    ]) {
      expect(text).not.to.include(PASSWORD);
      expect(text).not.to.include(SERVICE.password);
    }
    return error.detail ?? '';
  }

  /** A server of the test's own on loopback; the port that it listens on. */
  async function listen(answer: (socket: Socket) => void): Promise<number> {
    const server = createServer((socket) => {
      sockets.push(socket.on('error', () => undefined));
      answer(socket);
    });
    servers.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }

  async function listenTls(answer: (socket: Socket) => void): Promise<number> {
    const [key, cert] = await Promise.all([
      readFile(people.tls.keyFile),
      readFile(people.tls.certificateFile),
    ]);
    return listen((socket) => {
      answer(new TLSSocket(socket, { isServer: true, key, cert }).on('error', () => undefined));
    });
  }

  const secured = (form: Readonly<Record<string, unknown>>): DirectoryOptions =>
    people.unix({ caFile: people.tls.certificateFile, ...form });
  const ldaps = () => ({ urls: [`ldaps://127.0.0.1:${people.slapd.ldapsPort}`] });
  const startTls = () => ({
    urls: [`ldap://localhost:${people.slapd.ldapPort}`],
    startTls: true,
  });

  it('is encrypted by LDAPS and by StartTLS', async () => {
    for (const form of [ldaps(), startTls()]) {
      const directory = open(secured(form));
      expect((await directory.signIn('alice', PASSWORD)).result).to.equal('accepted');
      expect((await directory.signIn('alice', 'wrong')).result).to.equal('wrongPassword');
    }
  });

  it('ends at a certificate that nobody of the CA file vouches for', async () => {
    for (const form of [ldaps(), startTls()]) {
      const wrong = { ...form, caFile: people.wrongTls.certificateFile };
      const detail = await refusal(open(people.unix(wrong)).signIn('alice', PASSWORD));
      expect(detail).to.match(/certificate|self-signed|DEPTH_ZERO/i);
      expect(await refusal(open(people.unix(form)).find('alice'))).to.match(/self-signed/i);
    }
  });

  it('ends at a certificate for another name', async () => {
    const elsewhere = { urls: [`ldaps://127.0.0.2:${people.slapd.ldapsPort}`] };
    const port = await listen((socket) => socket.destroy());
    expect(await refusal(open(secured(elsewhere)).find('alice'))).to.match(/REFUSED|127\.0\.0\.2/);
    const noTls = { urls: [`ldaps://127.0.0.1:${port}`] };
    expect(await refusal(open(secured(noTls)).find('alice'))).to.match(/TLS|ECONNRESET/);
  });

  it('does not believe what was said before TLS began', async () => {
    // A bind response to the next message, of which only the last byte is still to come.
    const early = Buffer.from('300d02010361080a0100040004013000', 'hex').subarray(0, 14);
    const reply = Buffer.from('300c02010178070a010004000400', 'hex');
    const port = await listen((socket) => {
      socket.once('data', () => socket.write(Buffer.concat([reply, early])));
    });
    const form = { urls: [`ldap://127.0.0.1:${port}`], startTls: true };
    expect(await refusal(open(secured(form)).find('alice'))).to.include('before TLS');
  });

  it('ends where StartTLS is refused', async () => {
    // unavailable (52), as a server without a certificate says.
    const port = await listen((socket) => {
      socket.once('data', () => {
        socket.write(Buffer.from('300c02010178070a013404000400', 'hex'));
      });
    });
    const form = { urls: [`ldap://127.0.0.1:${port}`], startTls: true };
    expect(await refusal(open(secured(form)).find('alice'))).to.include('result code 52');
  });

  it('is no way while the server is stopped, and again one when it is back', async () => {
    const directory = open(people.unix());
    expect((await directory.signIn('alice', PASSWORD)).result).to.equal('accepted');
    await people.slapd.stop();
    try {
      expect(await refusal(directory.signIn('alice', PASSWORD))).to.include('ECONNREFUSED');
      expect(await refusal(directory.find('alice'))).to.include('ECONNREFUSED');
    } finally {
      await people.slapd.start();
    }
    expect((await directory.signIn('alice', PASSWORD)).result).to.equal('accepted');
    // Nobody asked while it was away: the connection that is kept has died unnoticed.
    await people.slapd.stop();
    await people.slapd.start();
    expect((await directory.find('alice'))?.userName).to.equal('alice');
  });

  it('goes by the next server when one cannot be reached', async () => {
    const port = await listen((socket) => socket.destroy());
    const urls = [`ldaps://127.0.0.1:${port}`, `ldap://127.0.0.1:${people.slapd.ldapPort}`];
    const directory = open(people.unix({ urls }));
    expect((await directory.signIn('alice', PASSWORD)).result).to.equal('accepted');
    await people.slapd.stop();
    try {
      const detail = await refusal(directory.find('alice'));
      for (const url of urls) expect(detail).to.include(url);
    } finally {
      await people.slapd.start();
    }
  });

  it('does not wait for a server that says nothing', async () => {
    const port = await listen(() => undefined);
    const form = { timeoutMillis: 100, caFile: people.tls.certificateFile };
    for (const urls of [[`ldap://127.0.0.1:${port}`], [`ldaps://127.0.0.1:${port}`]]) {
      await refusal(open(people.unix({ ...form, urls })).find('alice'));
    }
    const startTlsForm = { ...form, urls: [`ldap://127.0.0.1:${port}`], startTls: true };
    expect(await refusal(open(people.unix(startTlsForm)).find('alice'))).to.include('100 ms');
  });

  it('ends where an answer has no end', async () => {
    const port = await listen((socket) => {
      // A message that says to be a gigabyte long.
      socket.once('data', () => socket.write(Buffer.from('308440000000', 'hex')));
      const block = Buffer.alloc(65_536);
      const flood = () => {
        while (!socket.destroyed && socket.write(block));
      };
      socket.on('drain', flood).once('data', flood);
    });
    const form = { urls: [`ldap://127.0.0.1:${port}`] };
    expect(await refusal(open(people.unix(form)).find('alice'))).to.include('too long an answer');
  });

  it('is none through a flood of answers to nothing', async () => {
    // Search entries without a name: the shortest messages that are read.
    const flood = Buffer.concat(Array<Buffer>(300_000).fill(Buffer.from('30050201076400', 'hex')));
    const answer = (socket: Socket) => {
      socket.once('data', () => socket.write(flood));
    };
    const plain = { urls: [`ldap://127.0.0.1:${await listen(answer)}`] };
    const encrypted = { urls: [`ldaps://127.0.0.1:${await listenTls(answer)}`] };
    for (const form of [plain, encrypted]) {
      expect(await refusal(open(secured(form)).find('alice'))).to.include('too long an answer');
    }
  });

  it('is not tried again at once by a service account that was refused', async () => {
    const file = path.join(people.directory, 'other.password');
    await writeFile(file, 'not the password of the service\n');
    let now = 1_000_000;
    const directory = open(people.unix({ bindPasswordFile: file }), () => now);
    const detail = await refusal(directory.find('alice'));
    expect(detail).to.include(SERVICE.dn).and.to.include('0x31');
    // Put right, it is still the first refusal that is told until the wait is over.
    await writeFile(file, SERVICE.password);
    now += 29_999;
    expect(await refusal(directory.find('alice'))).to.equal(detail);
    now += 1;
    expect((await directory.find('alice'))?.userName).to.equal('alice');
  });

  it('is no way without the files that the options name', async () => {
    const none = path.join(people.directory, 'none');
    expect(await refusal(open(people.unix({ bindPasswordFile: none })).find('alice'))).to.include(
      'ENOENT',
    );
    expect(await refusal(open(people.unix({ ...ldaps(), caFile: none })).find('alice'))).to.include(
      'ENOENT',
    );
  });

  it('says so where the service may see nobody', async () => {
    const directory = open(people.options({ kind: 'ldap', baseDn: 'ou=nowhere,dc=example' }));
    expect(await refusal(directory.find('alice'))).to.include('0x20');
    const idless = open(people.unix({ attributes: { id: 'objectGUID' } }));
    expect(await refusal(idless.find('alice'))).to.include('objectGUID');
  });

  it('is closed for good', async () => {
    const directory = openDirectory(people.unix(), { now: () => Date.now() });
    await directory.find('alice');
    await directory.close();
    expect(await refusal(directory.find('alice'))).to.include('closed');
  });
});
