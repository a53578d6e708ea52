import { appendFile, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import {
  type Destination,
  parseDestination,
} from '../../../../server/audit/forward/destination.ts';
import { type Forwarder, startForwarder } from '../../../../server/audit/forward/forwarder.ts';
import { createSender, type Sender } from '../../../../server/audit/forward/senders.ts';
import { AUDIT_KINDS, auditCursorKey } from '../../../../server/audit/record.ts';
import { createMemoryData, openMemoryStore } from '../../../../server/store/memory.ts';
import { put, replyOnly, type Store } from '../../../../server/store/port.ts';
import { CONTRACT_OPTIONS, commit, draft } from '../../../contract/store-fruits.ts';
import { collectTcp, collectUdp } from './collector.ts';

const OPTIONS = { ...CONTRACT_OPTIONS, kinds: [...CONTRACT_OPTIONS.kinds, ...AUDIT_KINDS] };
const SENDING = { hostName: 'host' };
const QUICK = { retryMillis: [5, 20], gatherMillis: 1 } as const;

const known = (text: string): Destination => {
  const destination = parseDestination(text, '/');
  if (destination === undefined) throw new Error(`${text} is no destination`);
  return destination;
};
const sequenceIn = (text: string): number =>
  Number(/"sequence":(\d+)/.exec(text.slice(text.indexOf('{')))?.[1]);
const sequencesIn = (messages: readonly string[]) => messages.map(sequenceIn);
const upTo = (count: number) => Array.from({ length: count }, (_, place) => place + 1);

describe('forwarding the audit log', () => {
  let store: Store;
  let running: Forwarder | undefined;
  const logged: string[] = [];
  const log = {
    info: (_: object, message: string) => void logged.push(message),
    warn: (_: object, message: string) => void logged.push(message),
  };

  beforeEach(async () => {
    store = await openMemoryStore(OPTIONS);
    logged.length = 0;
  });
  afterEach(async () => {
    await running?.stop();
    running = undefined;
    await store.close();
  });

  const record = async (count: number) => {
    await commit(
      store,
      [],
      Array.from({ length: count }, () => draft('verify')),
    );
  };
  const start = (destination: Destination, sender: Sender = createSender(destination, SENDING)) => {
    running = startForwarder({ store, destination, sender, log, ...QUICK });
  };
  const cursorOf = ({ id }: Destination) =>
    store.transact([auditCursorKey(id)], ([cursor]) => replyOnly(cursor?.sequence));

  it('sends what there is and what comes, in order, by TCP', async () => {
    const collector = await collectTcp();
    const destination = known(`syslog+tcp://127.0.0.1:${collector.port}`);
    await record(3);
    start(destination);
    await collector.have(3);
    await record(1200);
    await collector.have(1203);
    await running?.stop();
    expect(sequencesIn(collector.messages)).to.deep.equal(upTo(1203));
    expect(await cursorOf(destination)).to.equal(1203);
    expect(logged).to.deep.equal([]);
    await collector.close();
  });

  it('sends each by UDP', async () => {
    const collector = await collectUdp();
    const destination = known(`syslog+udp://127.0.0.1:${collector.port}`);
    await record(5);
    start(destination);
    await collector.have(5);
    expect(sequencesIn(collector.messages)).to.deep.equal(upTo(5));
    expect(collector.messages[0]).to.match(
      /^<110>1 2023-11-14T22:13:20\.000Z host fobd - verify - \{/,
    );
    await collector.close();
  });

  it('writes the stored lines to a file, and ends a line that a crash has torn', async () => {
    const place = await mkdtemp(path.join(tmpdir(), 'fobtwin-forward-'));
    const file = path.join(place, 'audit.jsonl');
    const destination = known(`file:${file}`);
    await record(2);
    start(destination);
    await running?.stop();
    await appendFile(file, '{"torn');
    await record(1);
    start(destination);
    await running?.stop();
    const lines = (await readFile(file, 'utf8')).split('\n');
    expect(lines[2]).to.equal('{"torn');
    expect(sequencesIn([...lines.slice(0, 2), ...lines.slice(3, 4)])).to.deep.equal(upTo(3));
    expect(lines[4]).to.equal('');
    expect((await stat(file)).mode & 0o777).to.equal(0o600);
    await rm(place, { recursive: true });
  });

  it('loses nothing while the collector is away, and says so', async () => {
    const away = await collectTcp();
    await away.close();
    const destination = known(`syslog+tcp://127.0.0.1:${away.port}`);
    await record(10);
    let failures = 0;
    const real = createSender(destination, SENDING);
    const failedTwice = new Promise<void>((resolve) => {
      start(destination, {
        async send(lines) {
          await real.send(lines).catch((error: unknown) => {
            failures += 1;
            if (failures === 2) resolve();
            throw error;
          });
        },
      });
    });
    await failedTwice;
    expect(await cursorOf(destination)).to.equal(undefined);
    expect(logged).to.contain('audit entries cannot be forwarded; they wait in the log');
    const collector = await collectTcp({ port: away.port });
    await collector.have(10);
    expect(sequencesIn(collector.messages)).to.deep.equal(upTo(10));
    await running?.stop();
    expect(logged.at(-1)).to.equal('audit forwarding works again');
    await collector.close();
  });

  it('sends again what a connection that broke off may have lost', async () => {
    const collector = await collectTcp({ breaks: (connection) => connection <= 3 });
    const destination = known(`syslog+tcp://127.0.0.1:${collector.port}`);
    await record(40);
    start(destination);
    await collector.have(40);
    expect(sequencesIn(collector.messages)).to.deep.equal(upTo(40));
    expect(collector.connections()).to.equal(4);
    await collector.close();
  });

  it('hears that nobody listens for datagrams', async () => {
    const away = await collectUdp();
    await away.close();
    const sender = createSender(known(`syslog+udp://127.0.0.1:${away.port}`), SENDING);
    const failure = await sender.send(['{}']).catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(Error);
  });

  it('goes on after a restart from what was taken', async () => {
    const data = createMemoryData();
    const collector = await collectTcp();
    const destination = known(`syslog+tcp://127.0.0.1:${collector.port}`);
    let first = await openMemoryStore({ ...OPTIONS, data });
    const forward = (of: Store) =>
      startForwarder({
        store: of,
        destination,
        sender: createSender(destination, SENDING),
        log,
        ...QUICK,
      });
    for (let round = 1; round <= 4; round += 1) {
      await commit(first, [], [draft('verify'), draft('verify')]);
      const forwarder = forward(first);
      await collector.have(2 * round);
      await forwarder.stop();
      await commit(first, [], []);
      await first.close();
      first = await openMemoryStore({ ...OPTIONS, data });
    }
    expect([...new Set(sequencesIn(collector.messages))]).to.deep.equal(upTo(8));
    await first.close();
    await collector.close();
  });

  it('begins anew in a log that was set back behind its cursor', async () => {
    const collector = await collectTcp();
    const destination = known(`syslog+tcp://127.0.0.1:${collector.port}`);
    const ahead = { version: 1, destination: destination.text, sequence: 99 } as const;
    await commit(store, [put(auditCursorKey(destination.id), ahead)], [draft('verify')]);
    start(destination);
    await collector.have(1);
    await collector.close();
  });

  it('never keeps a decision waiting, and stops although the collector hangs', async () => {
    let asked: () => void = () => undefined;
    const isAsked = new Promise<void>((resolve) => {
      asked = resolve;
    });
    start(known('syslog+tcp://127.0.0.1:9'), {
      send: () => {
        asked();
        return new Promise(() => undefined);
      },
    });
    await record(1);
    await isAsked;
    await record(2000);
    expect((await store.auditLog.bounds()).head.sequence).to.equal(2001);
    await running?.stop();
    running = undefined;
  });
});

describe('where audit entries are forwarded to', () => {
  it('is understood', () => {
    const place = (text: string) => {
      const { id, ...rest } = known(text);
      expect(id).to.match(/^[0-9a-f]{32}$/);
      return rest;
    };
    expect(place('syslog+udp://logs.example:5140')).to.deep.equal({
      text: 'syslog+udp://logs.example:5140',
      way: 'udp',
      host: 'logs.example',
      port: 5140,
    });
    expect(place('syslog+tcp://[::1]')).to.include({ host: '::1', port: 514, way: 'tcp' });
    expect(place('file:audit.jsonl')).to.include({ way: 'file', file: '/audit.jsonl' });
    expect(known('syslog+udp://a').id).to.equal(known('syslog+udp://a:514').id);
  });

  it('is nothing else', () => {
    const bad = [
      '',
      'file:',
      'syslog://h',
      'syslog+tcp://',
      'syslog+udp://h:0',
      'syslog+udp://h:65536',
    ];
    for (const text of [...bad, 'syslog+tcp://u@h', 'http://h', 'syslog+tcp://h/x']) {
      expect(parseDestination(text, '/'), text).to.equal(undefined);
    }
  });
});
