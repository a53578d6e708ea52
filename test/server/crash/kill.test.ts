import { cp, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import { createClient } from '../../../shared/client/client.ts';
import { crashRuns } from '../../support/crash-runs.ts';
import { fobd, serveInProcess } from '../../support/fobd-in-process.ts';
import { type InitResult, startFobd, temporaryDirectory } from '../../support/fobd-process.ts';
import { type Ledger, openLedger, replayAll, settle } from '../../support/ledger.ts';
import { LOAD_POLICY, startLoad } from '../../support/load.ts';
import { isSoak } from '../../support/run-settings.ts';
import { seededUniform } from '../../support/seeded-uniform.ts';

const ROUNDS = isSoak() ? 50 : 10;
const TOKENS = 24;
/** A kill comes after at most so many changes of its round. */
const CHANGES_MAX = 250;
/** Of so many rounds one is killed while it stops. */
const STOPPING_EVERY = 5;

describe('kill -9', () => {
  it(`${ROUNDS} times: what was acknowledged is there, no code is good twice`, async function () {
    this.timeout(ROUNDS * 20_000);
    const { seed } = crashRuns(ROUNDS);
    process.stdout.write(`kill -9: FOBTWIN_CRASH_SEED=${seed}\n`);
    const uniform = seededUniform(seed);
    const { place, remove } = await temporaryDirectory();
    const data = path.join(place, 'data');
    const policy = path.join(place, 'policy.json');
    await writeFile(policy, JSON.stringify(LOAD_POLICY));
    const { stdout } = await fobd(['init', '--data', data, '--json']);
    const { apiKey } = (JSON.parse(stdout) as InitResult).administrator;
    let ledger: Ledger | undefined;

    for (let round = 1; round <= ROUNDS; round += 1) {
      const running = await startFobd(data, ['--policy', policy, '--log-level', 'error']);
      const client = running.client(apiKey);
      ledger ??= await openLedger(client, TOKENS);
      expect(await settle(ledger, client), `round ${round}`).to.deep.equal([]);
      expect(await replayAll(ledger, client), `round ${round}`).to.deep.equal([]);

      const load = startLoad({ client, ledger, uniform });
      await load.acknowledged(Math.floor(uniform() * CHANGES_MAX));
      if (round % STOPPING_EVERY === 0) running.signal('SIGTERM');
      // Somewhere within what one request takes, so that every part of one is met.
      await new Promise((resolve) => setTimeout(resolve, uniform() * 8));
      running.signal('SIGKILL');
      expect(await running.ended).to.equal('SIGKILL');
      await load.done;
      expect(running.log()).to.equal('');

      const audit = await fobd(['audit', 'verify', '--data', data, '--json']);
      expect(audit.code, audit.stderr).to.equal(0);
      const { entries } = JSON.parse(audit.stdout) as { entries: number };
      expect(entries).to.be.at.least(ledger.changes);
    }

    const last = await startFobd(data, ['--policy', policy, '--log-level', 'error']);
    if (ledger === undefined) throw new Error('no round was run');
    expect(await settle(ledger, last.client(apiKey))).to.deep.equal([]);
    expect(await replayAll(ledger, last.client(apiKey))).to.deep.equal([]);
    last.signal('SIGTERM');
    expect(await last.ended).to.equal(0);
    const accepted = ledger.tokens.reduce((sum, token) => sum + token.accepted.length, 0);
    expect(accepted).to.be.greaterThan(ROUNDS * 10);
    await remove();
  });

  it('would be found out if what was acknowledged were gone', async () => {
    const { place, remove } = await temporaryDirectory();
    const [data, old] = [path.join(place, 'data'), path.join(place, 'old')];
    const policy = path.join(place, 'policy.json');
    await writeFile(policy, JSON.stringify(LOAD_POLICY));
    const { stdout } = await fobd(['init', '--data', data, '--json']);
    const { apiKey } = (JSON.parse(stdout) as InitResult).administrator;
    const serve = async (directory: string) => {
      const args = ['--policy', policy, '--log-level', 'error'];
      const { address, stop } = await serveInProcess(directory, args);
      return { client: createClient({ baseUrl: address, fetch, apiKey }), stop };
    };
    const uniform = seededUniform(1);

    const first = await serve(data);
    const ledger = await openLedger(first.client, 4);
    const before = startLoad({ client: first.client, ledger, uniform, workers: 2 });
    await before.acknowledged(30);
    await before.stop();
    await first.stop();
    await cp(data, old, { recursive: true });

    const second = await serve(data);
    expect(await settle(ledger, second.client)).to.deep.equal([]);
    const after = startLoad({ client: second.client, ledger, uniform, workers: 2 });
    await after.acknowledged(60);
    await after.stop();
    await second.stop();

    const rolledBack = await serve(old);
    const lost = await settle(ledger, rolledBack.client);
    expect(lost.filter((text) => text.startsWith('LOAD'))).to.have.length(4);
    expect(lost.some((text) => text.includes('was acknowledged and is not there'))).to.equal(true);
    const twice = await replayAll(ledger, rolledBack.client);
    expect(twice.some((text) => text.includes('was accepted after a crash'))).to.equal(true);
    await rolledBack.stop();
    await remove();
  });
});
