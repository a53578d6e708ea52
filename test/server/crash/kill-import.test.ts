import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import type { Client } from '../../../shared/client/client.ts';
import { formatCsv } from '../../../shared/seed-files/csv-format.ts';
import { crashRuns } from '../../support/crash-runs.ts';
import { fobd } from '../../support/fobd-in-process.ts';
import {
  type InitResult,
  type ServingFobd,
  startFobd,
  temporaryDirectory,
} from '../../support/fobd-process.ts';
import { isSoak } from '../../support/run-settings.ts';
import { seededUniform } from '../../support/seeded-uniform.ts';
import { eventEntry } from '../http/served.ts';

const ROUNDS = isSoak() ? 20 : 3;
/** Several slices, the last of them short. */
const TOKENS = isSoak() ? 5130 : 1130;
/** A round in three is killed while the record that makes the import active is on its way. */
const LATE_EVERY = 3;

const serial = (round: number, n: number) => `R${round}-${String(n).padStart(5, '0')}`;
const fileOf = (round: number): string =>
  formatCsv(Array.from({ length: TOKENS }, (_, n) => eventEntry(serial(round, n))));

/** How many tokens of a round's file there are. */
async function countOf(client: Client, round: number): Promise<number> {
  let count = 0;
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const query = { limit: 500, ...(cursor === undefined ? {} : { cursor }) };
    const page = await client.call('listTokens', { query });
    count += page.items.filter((token) => token.serial.startsWith(`R${round}-`)).length;
    cursor = page.nextCursor;
  }
  return count;
}

/** Sends a file up to `share` of it, waits, then the rest; `sent` resolves before the rest. */
function send(client: Client, text: string, share: number) {
  const bytes = Buffer.from(text);
  const cut = Math.floor(bytes.length * share);
  let go: () => void = () => undefined;
  const going = new Promise<void>((resolve) => {
    go = resolve;
  });
  let told: () => void = () => undefined;
  const sent = new Promise<void>((resolve) => {
    told = resolve;
  });
  const stream = new ReadableStream<Uint8Array>({
    async start(controller) {
      controller.enqueue(bytes.subarray(0, cut));
      told();
      await going;
      controller.enqueue(bytes.subarray(cut));
      controller.close();
    },
  });
  const done = client.call('importSeedFile', { contentType: 'text/csv', stream }).then(
    ({ imported }) => imported,
    () => undefined,
  );
  return { sent, go, done };
}

/** Waits until the store's journal has grown by this much: slices are being written. */
async function untilWritten(data: string, bytes: number): Promise<void> {
  const store = path.join(data, 'store');
  const size = async () => {
    const names = (await readdir(store)).filter((name) => /^journal-|\.(log|ldb)$/.test(name));
    const sizes = names.map((name) => stat(path.join(store, name)).catch(() => ({ size: 0 })));
    return (await Promise.all(sizes)).reduce((sum, file) => sum + file.size, 0);
  };
  const before = await size();
  for (let tries = 0; tries < 2000; tries += 1) {
    if ((await size()) - before >= bytes) return;
    await pause(5);
  }
  throw new Error('nothing of the file was written');
}

describe('kill -9 during an import', () => {
  it(`${ROUNDS} times: all of the file is there or none, and it can come again`, async function () {
    this.timeout(ROUNDS * 60_000);
    const { seed } = crashRuns(ROUNDS);
    process.stdout.write(`kill -9 during an import: FOBTWIN_CRASH_SEED=${seed}\n`);
    const uniform = seededUniform(seed);
    const { place, remove } = await temporaryDirectory();
    const data = path.join(place, 'data');
    const { stdout } = await fobd(['init', '--data', data, '--json']);
    const { apiKey } = (JSON.parse(stdout) as InitResult).administrator;
    const start = (): Promise<ServingFobd> => startFobd(data, ['--log-level', 'error']);
    const found: number[] = [];

    let running = await start();
    for (let round = 1; round <= ROUNDS; round += 1) {
      const isLate = round % LATE_EVERY === 0;
      const work = send(
        running.client(apiKey),
        fileOf(round),
        isLate ? 0.99 : 0.6 + uniform() * 0.3,
      );
      await work.sent;
      await untilWritten(data, 60_000);
      // Nobody sees any of it yet.
      expect(await countOf(running.client(apiKey), round), `round ${round}`).to.equal(0);
      if (isLate) work.go();
      await pause(uniform() * 12);
      running.signal('SIGKILL');
      expect(await running.ended).to.equal('SIGKILL');
      const acknowledged = await work.done;

      running = await start();
      const client = running.client(apiKey);
      const count = await countOf(client, round);
      found.push(count);
      expect(count, `round ${round}`).to.be.oneOf(
        acknowledged === undefined ? [0, TOKENS] : [TOKENS],
      );
      const again = await client.call('importSeedFile', {
        contentType: 'text/csv',
        stream: fileOf(round),
      });
      expect(again.imported + count, `round ${round}`).to.equal(TOKENS);
      expect(again.skipped).to.equal(count);
      expect(await countOf(client, round)).to.equal(TOKENS);
    }
    expect(found, 'no round was cut short').to.include(0);
    running.signal('SIGTERM');
    expect(await running.ended).to.equal(0);
    const audit = await fobd(['audit', 'verify', '--data', data, '--json']);
    expect(audit.code, audit.stderr).to.equal(0);
    await remove();
  });
});
