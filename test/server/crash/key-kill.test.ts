import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import type { Client } from '../../../shared/client/client.ts';
import { createOtp } from '../../../shared/otp.ts';
import type { Seed, Serial } from '../../../shared/types.ts';
import { crashRuns } from '../../support/crash-runs.ts';
import { fobd } from '../../support/fobd-in-process.ts';
import {
  type InitResult,
  type ServingFobd,
  startFobd,
  temporaryDirectory,
} from '../../support/fobd-process.ts';
import { nodeCrypto } from '../../support/node-crypto.ts';
import { isSoak } from '../../support/run-settings.ts';
import { seededUniform } from '../../support/seeded-uniform.ts';

/** kill -9 while keys are exchanged: nothing lost, nothing half done, and it can be done again. */

const ROUNDS = isSoak() ? 20 : 3;
const TOKENS = 1500;
const SEEDS_TRIED = 20;
/** About what so many tokens take: kills fall within a rotation, and now and then after it. */
const ROTATION_MILLIS = 900;
const REWRAP_MILLIS = 60;

const otp = createOtp(nodeCrypto);
const PARAMETERS = { type: 'event', algorithm: 'SHA1', digits: 8 } as const;
const serialOf = (index: number): Serial => `R${String(index).padStart(5, '0')}` as Serial;
const seedOf = (index: number): Seed =>
  Uint8Array.from(Buffer.from(serialOf(index).padEnd(20, '~'))) as Seed;
const seedFile = [
  'serial,seed,algorithm,digits,counter',
  ...Array.from({ length: TOKENS }, (_, index) => {
    const seed = Buffer.from(seedOf(index)).toString('hex');
    return `${serialOf(index)},${seed},SHA1,8,0`;
  }),
  '',
].join('\n');

/** A token's counter moves on with every trial. */
const counters = new Map<number, number>();

/** Registers so many tokens, so that a code tells whether a token's seed is what it was. */
async function register(client: Client): Promise<void> {
  for (let index = 0; index < SEEDS_TRIED; index += 1) {
    const account = `account${index}`;
    await client.call('addAccount', { body: { id: account } });
    const chosen = chosenToken(index);
    const [code1, code2] = [0, 1].map((counter) => codeOf(chosen, counter));
    const reply = await client.call('registerToken', {
      params: { serial: serialOf(chosen) },
      body: { account, code1: code1 ?? '', code2: code2 ?? '' },
    });
    expect(reply.outcome).to.equal('accepted');
    counters.set(chosen, 2);
  }
}

/** Spread over all of them, the first and the last too. */
const chosenToken = (index: number): number =>
  Math.round((index * (TOKENS - 1)) / (SEEDS_TRIED - 1));
const codeOf = (index: number, counter: number): string =>
  otp.code(seedOf(index), counter, PARAMETERS);

/** Serials of registered tokens whose next code is not accepted. */
async function refusedTokens(client: Client): Promise<string[]> {
  const refused: string[] = [];
  for (const [index, counter] of counters) {
    const serial = serialOf(index);
    const body = { serial, code: codeOf(index, counter) };
    const { outcome } = await client.call('verify', { body });
    counters.set(index, counter + 1);
    if (outcome !== 'accepted') refused.push(`${serial}: ${outcome}`);
  }
  return refused;
}

const later = (millis: number) => new Promise((resolve) => setTimeout(resolve, millis));

async function untilDone(client: Client): Promise<void> {
  for (;;) {
    const { rotation } = await client.call('getKeyRotation');
    if (rotation?.state !== 'running') {
      expect(rotation?.state).to.equal('done');
      return;
    }
    await later(20);
  }
}

describe('kill -9 while keys are exchanged', () => {
  let data: string;
  let place: string;
  let remove: () => Promise<void>;
  let apiKey: string;
  let uniform: () => number;

  before(async function () {
    this.timeout(60_000);
    ({ place, remove } = await temporaryDirectory());
    const { seed } = crashRuns(ROUNDS);
    process.stdout.write(`kill -9 of keys: FOBTWIN_CRASH_SEED=${seed}\n`);
    uniform = seededUniform(seed);
    data = path.join(place, 'data');
    const { stdout } = await fobd(['init', '--data', data, '--json']);
    ({ apiKey } = (JSON.parse(stdout) as InitResult).administrator);
    const file = path.join(place, 'tokens.csv');
    await writeFile(file, seedFile);
    const ran = await fobd(['seed-file', 'import', file, '--data', data]);
    expect(ran.code, ran.stderr).to.equal(0);
    const served = await start();
    await register(served.client(apiKey));
    await stop(served);
  });
  after(() => remove?.());

  const start = (args: readonly string[] = []) =>
    startFobd(data, ['--log-level', 'error', ...args]);
  const stop = async (served: ServingFobd) => {
    served.signal('SIGTERM');
    expect(await served.ended).to.equal(0);
    expect(served.log()).to.equal('');
  };

  /** Whether a master key opens the data directory; another answer than "wrong key" is a fault. */
  const opens = async (file: string): Promise<boolean> => {
    const ran = await fobd(['key', 'list', '--data', data, '--master-key-file', file]);
    if (ran.code !== 0) expect(ran.stderr).to.contain('[wrongMasterKey]').and.to.contain(', which');
    return ran.code === 0;
  };
  const rewrap = (from: string, to: string) =>
    fobd([
      ...['key', 'rewrap', '--data', data],
      ...['--master-key-file', from, '--new-master-key-file', to],
    ]);
  const kill = async (served: ServingFobd) => {
    served.signal('SIGKILL');
    expect(await served.ended).to.equal('SIGKILL');
  };

  it(`${ROUNDS} times: rotation goes on by itself, one master key opens all`, async function () {
    this.timeout(ROUNDS * 60_000);
    let current = path.join(data, 'master.key');
    let interrupted = 0;
    for (let round = 1; round <= ROUNDS; round += 1) {
      const running = await start(['--master-key-file', current]);
      expect(await refusedTokens(running.client(apiKey)), `round ${round}`).to.deep.equal([]);
      await running.client(apiKey).call('rotateKeys');
      // At once the first time: then it is under way, however fast the machine.
      await later(round === 1 ? 0 : uniform() * ROTATION_MILLIS);
      await kill(running);

      const resumed = await start(['--master-key-file', current]);
      const client = resumed.client(apiKey);
      const { rotation } = await client.call('getKeyRotation');
      if (rotation?.state === 'running') interrupted += 1;
      expect(await refusedTokens(client), `round ${round}, resumed`).to.deep.equal([]);
      const next = path.join(place, `key-${round}`);
      const exchange = rewrap(current, next);
      await later(uniform() * REWRAP_MILLIS);
      await kill(resumed);
      // Left without its server the command does the work itself, or says that it was left.
      await exchange;

      const [isOld, isNew] = [await opens(current), await opens(next)];
      expect(
        [isOld, isNew].filter((is) => is),
        `round ${round}`,
      ).to.have.length(1);
      if (isOld) {
        const again = await rewrap(current, next);
        expect(again.code, again.stderr).to.equal(0);
        expect(await opens(current)).to.equal(false);
      }
      current = next;
    }
    expect(interrupted, 'no round met a rotation under way').to.be.greaterThan(0);

    const last = await start(['--master-key-file', current]);
    await untilDone(last.client(apiKey));
    const { dataKeys } = await last.client(apiKey).call('listKeys');
    expect(dataKeys.map(({ seeds }) => seeds)).to.deep.equal([TOKENS]);
    expect(await refusedTokens(last.client(apiKey))).to.deep.equal([]);
    await stop(last);
    const audit = await fobd(['audit', 'verify', '--data', data, '--master-key-file', current]);
    expect(audit.code, audit.stderr).to.equal(0);
  });
});
