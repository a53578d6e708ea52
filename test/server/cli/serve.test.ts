import { once } from 'node:events';
import { lstat, mkdir, readdir, stat } from 'node:fs/promises';
import { get, request } from 'node:http';
import { type AddressInfo, connect, createServer } from 'node:net';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { everyAccount } from '../../support/every-account.ts';
import { fobd, serveInProcess } from '../../support/fobd-in-process.ts';
import {
  type InitResult,
  runFobdProcess,
  startFobd,
  temporaryDirectory,
} from '../../support/fobd-process.ts';
import { ipv6OrSkip } from '../../support/ipv6.ts';

const SEED_FILE = `serial,seed,algorithm,digits,counter
EV1,3132333435363738393031323334353637383930,SHA1,6,0
`;

describe('fobd serve', () => {
  let place: string;
  let remove: () => Promise<void>;
  let data: string;
  let apiKey: string;

  beforeEach(async () => {
    ({ place, remove } = await temporaryDirectory());
    data = path.join(place, 'data');
    const { stdout } = await fobd(['init', '--data', data, '--json']);
    ({ apiKey } = (JSON.parse(stdout) as InitResult).administrator);
  });
  afterEach(() => remove());

  const headers = () => ({ authorization: `Bearer ${apiKey}` });

  it('as a process: one line with its address, then logs on standard error, then 0', async () => {
    const running = await startFobd(data);
    expect(running.address).to.match(/^http:\/\/127\.0\.0\.1:[1-9]\d*$/);
    const client = running.client(apiKey);
    expect(await client.call('readyz')).to.deep.equal({ status: 'ok' });
    const { account } = await client.call('addAccount', { body: { id: 'jennifer' } });
    expect(account.id).to.equal('jennifer');
    running.signal('SIGTERM');
    expect(await running.ended).to.equal(0);
    expect(running.output()).to.equal('');
    const lines = running.log().trim().split('\n');
    const messages = lines.map((line) => (JSON.parse(line) as { msg: string }).msg);
    expect(messages).to.deep.equal([
      'listening',
      'stopping: finishing what is under way',
      'stopped',
    ]);
    expect(running.log()).not.to.contain(apiKey);
    expect(await readdir(data)).not.to.include('fobd.sock');
  });

  it('as a process: ends at once at a second signal', async () => {
    const running = await startFobd(data, ['--log-level', 'silent']);
    const { port } = new URL(running.address);
    // A request that never ends keeps the graceful stop waiting.
    const open = connect(Number(port), '127.0.0.1');
    open.write('POST /v1/verify HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n');
    open.on('error', () => undefined);
    await once(open, 'connect');
    await running.client().call('healthz');
    running.signal('SIGINT');
    for (;;) {
      const { status } = await fetch(`${running.address}/readyz`);
      if (status === 503) break;
    }
    running.signal('SIGINT');
    expect(await running.ended).to.equal(1);
    // What it left behind is no hindrance.
    const { code } = await fobd(['audit', 'verify', '--data', data]);
    expect(code).to.equal(0);
  });

  it('answers a person with a readable line', async () => {
    let stop: () => void = () => undefined;
    let line = '';
    const { code } = await fobd(['serve', '--data', data, '--port', '0'], {
      output: {
        write(written) {
          line += written;
          stop();
        },
      },
      onStopSignal: (listener) => {
        stop = () => setImmediate(listener);
      },
    });
    expect(code).to.equal(0);
    expect(line).to.match(/^fobd listens on http:\/\/127\.0\.0\.1:\d+\n$/);
  });

  it('listens for its owner on a socket that only he can open, without an API key', async () => {
    const served = await serveInProcess(data, ['--log-level', 'silent']);
    const socketPath = path.join(data, 'fobd.sock');
    const found = await lstat(socketPath);
    expect(found.isSocket()).to.equal(true);
    expect(found.mode & 0o777).to.equal(0o600);
    const reply = get({ socketPath, path: '/v1/tokens', agent: false });
    const [answer] = await once(reply, 'response');
    expect(answer.statusCode).to.equal(200);
    answer.resume();
    await served.stop();
    expect(await readdir(data)).not.to.include('fobd.sock');
  });

  it('puts the socket into the runtime directory where its path would be too long', async () => {
    const runtime = path.join(place, 'run');
    await mkdir(runtime);
    const deep = path.join(place, 'd'.repeat(90), 'data');
    const environment = { XDG_RUNTIME_DIR: runtime };
    await fobd(['init', '--data', deep]);
    const running = await startFobd(deep, ['--log-level', 'silent'], { env: environment });
    const [directory = ''] = await readdir(runtime);
    expect((await stat(path.join(runtime, directory))).mode & 0o777).to.equal(0o700);
    const added = await fobd(['account', 'add', 'jennifer', '--data', deep], { environment });
    expect(added.code).to.equal(0);
    expect(await running.client(apiKey).call('healthz')).to.deep.equal({ status: 'ok' });

    running.signal('SIGKILL');
    await running.ended;
    const offline = await fobd(['account', 'list', '--data', deep], { environment });
    expect(offline.stdout).to.contain('jennifer');

    const again = await startFobd(deep, ['--log-level', 'silent'], { env: environment });
    expect(await readdir(runtime))
      .to.have.length(1)
      .and.not.include(directory);
    again.signal('SIGTERM');
    expect(await again.ended).to.equal(0);
    expect(await readdir(runtime)).to.deep.equal([]);
    expect(await readdir(deep)).to.have.members(['format.json', 'master.key', 'store']);
  });

  it('takes over the socket of one that was killed', async () => {
    const running = await startFobd(data, ['--log-level', 'silent']);
    running.signal('SIGKILL');
    expect(await running.ended).to.equal('SIGKILL');
    expect(await readdir(data)).to.include('fobd.sock');
    expect((await fobd(['account', 'list', '--data', data])).code).to.equal(0);
    const served = await serveInProcess(data, ['--log-level', 'silent']);
    expect((await fobd(['account', 'add', 'jennifer', '--data', data])).code).to.equal(0);
    expect((await served.stop()).code).to.equal(0);
  });

  it('leaves alone what stands at the socket’s place and is none', async () => {
    await mkdir(path.join(data, 'fobd.sock'));
    const { code, stderr } = await fobd(['serve', '--data', data, '--port', '0']);
    expect(code).to.equal(1);
    expect(stderr).to.contain('[unavailable]');
    expect((await lstat(path.join(data, 'fobd.sock'))).isDirectory()).to.equal(true);
  });

  it('says which port is taken, and lets go of the data directory', async () => {
    const other = createServer();
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const { code, stderr } = await fobd(['serve', '--data', data, '--port', String(port)]);
    other.close();
    expect(code).to.equal(1);
    expect(stderr).to.contain(`port ${port}`).and.to.contain('--port');
    expect(await readdir(data)).not.to.include('fobd.sock');
    expect((await fobd(['account', 'list', '--data', data])).code).to.equal(0);
  });

  it('logs requests only when told to, and never what they carry', async () => {
    const running = await serveInProcess(data, ['--log-requests']);
    const url = `${running.address}/v1/verify?secret=in-the-query`;
    const body = JSON.stringify({ serial: 'EV1', code: '755224' });
    const json = { ...headers(), 'content-type': 'application/json' };
    await (await fetch(url, { method: 'POST', headers: json, body })).text();
    const { stderr } = await running.stop();
    const lines = stderr.trim().split('\n');
    const requests = lines
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter(({ msg }) => msg === 'request');
    expect(requests).to.have.length(1);
    const id = /^fobd_([0-9a-f]{16})_/.exec(apiKey)?.[1];
    expect(requests[0]).to.include({ operation: 'verify', application: id, status: 200 });
    expect(requests[0]).to.include({ outcome: 'notRegistered' });
    expect(requests[0]?.['millis']).to.be.within(0, 5000);
    expect(requests[0]?.['requestId']).to.match(/^[\w-]+$/);
    expect(stderr).not.to.contain('EV1');
    expect(stderr).not.to.contain('755224').and.not.to.contain('in-the-query');
    expect(stderr).not.to.contain(apiKey.slice(30));
  });

  describe('a graceful stop', () => {
    it('finishes a request that is under way, and refuses readiness meanwhile', async () => {
      const served = await serveInProcess(data, ['--log-level', 'silent']);
      const upload = request(`${served.address}/v1/seed-files`, {
        method: 'POST',
        headers: { ...headers(), 'content-type': 'text/csv' },
      });
      const [head = '', ...rest] = SEED_FILE.split('\n');
      upload.write(`${head}\n`);
      await once(upload, 'socket');
      await (await fetch(`${served.address}/healthz`)).text();

      const stopped = served.stop();
      const ready = await fetch(`${served.address}/readyz`);
      expect(ready.status).to.equal(503);
      expect(ready.headers.get('connection')).to.equal('close');
      expect(await ready.json()).to.deep.equal({ status: 'stopping', reasons: ['stopping'] });

      const answered = once(upload, 'response');
      upload.end(rest.join('\n'));
      const [reply] = await answered;
      expect(reply.statusCode).to.equal(200);
      expect(JSON.parse(await text(reply))).to.include({ imported: 1 });
      expect((await stopped).code).to.equal(0);

      const { stdout } = await fobd(['token', 'list', '--data', data]);
      expect(stdout).to.contain('EV1');
      const refused = await fetch(served.address).catch((error: unknown) => error);
      expect(refused).to.be.an('error');
    });

    it('under load: everything acknowledged is there, and nothing else', async () => {
      const running = await startFobd(data, ['--log-level', 'silent']);
      const client = running.client(apiKey);
      const acknowledged: string[] = [];
      let refused = 0;
      const enough = new Promise<void>((resolve) => {
        const worker = async (name: number): Promise<void> => {
          for (let number = 0; ; number += 1) {
            const id = `person-${name}-${number}`;
            try {
              await client.call('addAccount', { body: { id } });
              acknowledged.push(id);
              if (acknowledged.length === 200) resolve();
            } catch (error) {
              // It listens no more. Whether this was cut off half-way is seen below.
              expect(error).to.have.property('code', 'unavailable');
              refused += 1;
              return;
            }
          }
        };
        workers = Promise.all(Array.from({ length: 8 }, (_, name) => worker(name)));
      });
      await enough;
      running.signal('SIGTERM');
      expect(await running.ended).to.equal(0);
      await workers;
      expect(refused).to.equal(8);

      const listed = await everyAccount(data);
      expect(acknowledged.filter((id) => !listed.has(id))).to.deep.equal([]);
      expect(listed.size).to.equal(acknowledged.length);
    });
    let workers: Promise<unknown>;
  });

  it('ends with 1 when the disk takes no more, and has all that it acknowledged', async () => {
    // No file may become larger than 128 KiB: LevelDB's log is, at some write.
    const running = await startFobd(data, [], { prelude: "trap '' XFSZ; ulimit -f 256" });
    const client = running.client(apiKey);
    const acknowledged: string[] = [];
    for (let number = 0; number < 5000; number += 1) {
      const id = `person-${number}`;
      const refusal = await client.call('addAccount', { body: { id } }).then(
        () => undefined,
        (error: unknown) => error,
      );
      if (refusal !== undefined) break;
      acknowledged.push(id);
    }
    expect(await running.ended).to.equal(1);
    expect(running.log()).to.contain('the store failed');
    expect(acknowledged.length).to.be.within(10, 4999);
    const last = acknowledged.at(-1) ?? '';
    expect((await fobd(['account', 'show', last, '--data', data])).code).to.equal(0);
    expect((await fobd(['audit', 'verify', '--data', data])).code).to.equal(0);
  });

  it('does not serve a lab behind a proxy', async () => {
    const lab = path.join(place, 'lab');
    await fobd(['init', '--data', lab, '--lab']);
    const { code, stderr } = await fobd(['serve', '--data', lab, '--port', '0', '--behind-proxy']);
    expect(code).to.equal(2);
    expect(stderr).to.contain('own machine only');
  });

  it('refuses a data directory whose audit log was tampered with', async () => {
    // The whole of this is tested with `audit verify`; here only that nothing listens.
    const { spoilAuditHead } = await import('../../support/tampered-store.ts');
    await spoilAuditHead(data);
    const { code, stderr } = await fobd(['serve', '--data', data, '--port', '0']);
    expect(code).to.equal(1);
    expect(stderr).to.contain('[dataDirectoryDamaged]').and.to.contain('fobd audit verify');
  });

  it('answers over IPv6 where it is asked to', async function () {
    await ipv6OrSkip(this);
    const served = await serveInProcess(data, ['--host', '::1', '--log-level', 'silent']);
    expect(served.address).to.match(/^http:\/\/\[::1\]:\d+$/);
    expect((await fetch(`${served.address}/healthz`)).status).to.equal(200);
    await served.stop();
  });

  it('runs as two processes on two data directories', async () => {
    const other = path.join(place, 'other');
    await runFobdProcess(['init', '--data', other]);
    const both = await Promise.all([data, other].map((directory) => startFobd(directory)));
    expect(both[0]?.address).not.to.equal(both[1]?.address);
    for (const running of both) running.signal('SIGTERM');
    expect(await Promise.all(both.map(({ ended }) => ended))).to.deep.equal([0, 0]);
  });
});
