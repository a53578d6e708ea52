import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { parseDestination } from '../../../../server/audit/forward/destination.ts';
import { type Forwarder, startForwarder } from '../../../../server/audit/forward/forwarder.ts';
import { createSender } from '../../../../server/audit/forward/senders.ts';
import { AUDIT_KINDS } from '../../../../server/audit/record.ts';
import { ChainWalk } from '../../../../server/audit/walk.ts';
import { openMemoryStore } from '../../../../server/store/memory.ts';
import type { Store } from '../../../../server/store/port.ts';
import { CONTRACT_OPTIONS, commit, draft } from '../../../contract/store-fruits.ts';
import { libraryOrSkip } from '../../../support/debian.ts';
import { type Rsyslogd, startRsyslogd } from './rsyslogd.ts';

const OPTIONS = { ...CONTRACT_OPTIONS, kinds: [...CONTRACT_OPTIONS.kinds, ...AUDIT_KINDS] };

describe("forwarding the audit log to Debian's rsyslog", () => {
  let root: string;
  let place: string;
  let store: Store;
  let collector: Rsyslogd | undefined;
  let running: Forwarder | undefined;

  before(async function () {
    root = await libraryOrSkip(this, 'rsyslog');
  });
  beforeEach(async () => {
    place = await mkdtemp(path.join(tmpdir(), 'fobtwin-rsyslog-'));
    store = await openMemoryStore(OPTIONS);
  });
  afterEach(async () => {
    await running?.stop();
    running = undefined;
    await collector?.stop();
    await store.close();
    await rm(place, { recursive: true });
  });

  /** What a collector is most likely to spoil stands in each: quotes, other scripts, a new line. */
  const record = (count: number) =>
    commit(
      store,
      [],
      Array.from({ length: count }, () =>
        draft('verify', {
          outcome: 'wrongCode',
          details: { reason: 'é 令牌 "%$!\\ \n\t <13>1 -' },
        }),
      ),
    );

  function forward(to: string): void {
    const destination = parseDestination(to, '/');
    if (destination === undefined) throw new Error(`${to} is no destination`);
    running = startForwarder({
      store,
      destination,
      sender: createSender(destination, { hostName: 'validator' }),
      log: { info: () => undefined, warn: () => undefined },
      retryMillis: [5, 20],
      gatherMillis: 1,
    });
  }

  /** What it has written is the log: the chain can be verified from it alone. */
  function expectChain(messages: readonly string[], last: number): void {
    const lines = [...new Set(messages)].map((message) => {
      expect(message).to.match(/^109 validator fobd verify\|\{/);
      return message.slice(message.indexOf('|') + 1);
    });
    const walk = new ChainWalk(CONTRACT_OPTIONS.writer);
    for (const [place, line] of lines.entries()) {
      expect(walk.next({ sequence: place + 1, line })).to.equal(undefined);
    }
    expect(walk.last.sequence).to.equal(last);
  }

  it('brings it the whole chain by TCP, also over a restart of it', async function () {
    this.timeout(60_000);
    collector = await startRsyslogd(root, place);
    await record(700);
    forward(`syslog+tcp://127.0.0.1:${collector.tcpPort}`);
    await collector.have(700);
    await collector.stop();
    await record(50);
    collector = await startRsyslogd(root, place, collector);
    await record(50);
    expectChain(await collector.have(800), 800);
  });

  it('brings it each entry by UDP', async function () {
    this.timeout(60_000);
    collector = await startRsyslogd(root, place);
    await record(20);
    forward(`syslog+udp://127.0.0.1:${collector.udpPort}`);
    expectChain(await collector.have(20), 20);
  });
});
