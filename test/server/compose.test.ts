import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { expect } from 'chai';
import { Level } from 'level';
import { type InitOptions, initFobd, openFobd } from '../../server/compose.ts';
import { type FobdConfig, readConfig } from '../../server/config.ts';
import { FobtwinError } from '../../shared/errors.ts';
import type { Rng } from '../../shared/rng.ts';
import type { UnixMillis } from '../../shared/types.ts';
import { temporaryDirectory } from '../support/fobd-process.ts';

const NOW = 1_800_000_000_000 as UnixMillis;
const rng: Rng = { bytes: (length) => randomBytes(length), uniform: Math.random };
const log = { error: () => undefined };

describe('fobd put together', () => {
  let remove: () => Promise<void>;
  let config: FobdConfig;
  let now: UnixMillis;
  const clock = { now: () => now };

  beforeEach(async () => {
    const directory = await temporaryDirectory();
    ({ remove } = directory);
    now = NOW;
    config = readConfig({ data: path.join(directory.place, 'data') }, {}, { directory: '/' });
  });
  afterEach(() => remove());

  const init = (options: Partial<InitOptions> = {}) =>
    initFobd(config, { lab: false, ...options }, { clock, rng });
  const open = () => openFobd(config, { clock, rng, log });

  it('decides at the time of the clock that was handed in', async () => {
    await init();
    const fobd = await open();
    expect(fobd.clock.now()).to.equal(NOW);
    const { items } = await fobd.store.auditPage({ after: 0, limit: 10 });
    expect(items.map(({ at, actor, action }) => [at, actor, action])).to.deep.equal([
      [NOW, 'localOwner', 'addApplication'],
    ]);
    await fobd.close();
  });

  it('is not ready and learns nothing for a while after its clock was set', async () => {
    await init();
    let elapsed = 0;
    const computer = { now: () => now, elapsedMillis: () => elapsed };
    const fobd = await openFobd(config, { clock: computer, rng, log });
    const server = fobd.app.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const ready = async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).status;
    expect(await ready()).to.equal(200);
    now = (now + 3_600_000) as UnixMillis;
    expect(await ready()).to.equal(503);
    now = (now + 300_000) as UnixMillis;
    elapsed += 300_000;
    expect(await ready()).to.equal(200);
    server.close();
    await once(server, 'close');
    await fobd.close();
  });

  it('keeps a lab at its own time, also when it is opened again', async () => {
    const start = Date.UTC(2030, 0, 1) as UnixMillis;
    await init({ lab: true, labClock: start });
    now = (NOW + 5000) as UnixMillis;
    for (let times = 1; times <= 2; times += 1) {
      const fobd = await open();
      expect(fobd.lab).to.equal(true);
      expect(fobd.clock.now()).to.equal(start + 5000);
      await fobd.close();
    }
  });

  it('lets go of the data directory when it is closed', async () => {
    await init();
    const first = await open();
    const refused: unknown = await open().catch((error: unknown) => error);
    expect(refused).to.be.an.instanceOf(FobtwinError).with.property('code', 'dataDirectoryInUse');
    await first.close();
    await (await open()).close();
  });

  it('finds a lost data key before anything is decided, and lets go', async () => {
    await init();
    const level = new Level(path.join(config.data, 'store'));
    const dataKeys = { gt: 'r\u0000dataKey\u0000', lt: 'r\u0000dataKey\u0001' };
    expect(await level.keys(dataKeys).all()).to.have.length(1);
    await level.clear(dataKeys);
    await level.close();
    for (let times = 1; times <= 2; times += 1) {
      const refused: unknown = await open().catch((error: unknown) => error);
      expect(refused).to.have.property('code', 'dataDirectoryDamaged');
      expect(refused).to.have.property('message').that.contains('data key');
    }
  });
});
