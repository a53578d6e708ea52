import path from 'node:path';
import { expect } from 'chai';
import { openStore } from '../../../server/compose.ts';
import { readDataDirectory } from '../../../server/data-directory/data-directory.ts';
import { NOTICES } from '../../../server/notices/record.ts';
import { LICENCE_KEYS } from '../../../server/orders/licence-key.ts';
import type { Store } from '../../../server/store/port.ts';
import { SUBSCRIPTIONS } from '../../../server/subscriptions/record.ts';
import type { Client } from '../../../shared/client/client.ts';
import { fobd } from '../../support/fobd-in-process.ts';
import { type InitResult, startFobd, temporaryDirectory } from '../../support/fobd-process.ts';
import { isSoak } from '../../support/run-settings.ts';

/** kill -9 while an order of many lines is carried out: what was paid comes whole, and once. */

const KILLS = isSoak() ? 20 : 3;
const LINES = 20;
const UNITS = 10;
const ADDRESS = { name: 'J. Blue', lines: ['1 Main Street'], city: 'Springfield', country: 'US' };

type Order = Awaited<ReturnType<typeof orderOf>>;

const orderOf = async (client: Client, order: string) =>
  (await client.call('getOrder', { params: { order } })).order;
const doneOf = ({ lines }: Order): number => lines.filter(({ state }) => state === 'done').length;

async function until(client: Client, id: string, isReached: (order: Order) => boolean) {
  for (;;) {
    const order = await orderOf(client, id);
    if (isReached(order)) return order;
  }
}

async function idsOf<T extends { readonly id: string }>(
  store: Store,
  kind: Parameters<typeof store.scan<T>>[0],
): Promise<readonly string[]> {
  const { items, next } = await store.scan(kind, { limit: 500 });
  if (next !== null) throw new Error('there are more than were looked for');
  return items.map(({ id }) => id);
}

describe('kill -9 while an order is carried out', () => {
  it(`${KILLS} times: every unit is issued, and none twice`, async function () {
    this.timeout(60_000 + KILLS * 10_000);
    const { place, remove } = await temporaryDirectory();
    const data = path.join(place, 'data');
    const { stdout } = await fobd(['init', '--data', data, '--json']);
    const { apiKey } = (JSON.parse(stdout) as InitResult).administrator;
    const start = () => startFobd(data, ['--log-level', 'error']);

    let running = await start();
    let client = running.client(apiKey);
    await client.call('addAccount', { body: { id: 'jennifer', email: 'j@example.com' } });
    const lines = Array.from({ length: LINES }, () => ({
      product: 'phone' as const,
      quantity: UNITS,
    }));
    const { order } = await client.call('placeOrder', {
      params: { id: 'jennifer' },
      body: { lines, billing: ADDRESS, payment: { method: 'card' }, disclaimer: true },
    });
    const paying = client
      .call('payOrder', { params: { order: order.id }, body: { reference: 'slip 1' } })
      .catch(() => undefined);

    let inTheMiddle = 0;
    let done = 0;
    for (let kills = 0; kills < KILLS; kills += 1) {
      await until(client, order.id, (seen) => doneOf(seen) > done || seen.state === 'fulfilled');
      running.signal('SIGKILL');
      expect(await running.ended).to.equal('SIGKILL');
      // The commands open the store themselves, and carry nothing out.
      const shown = await fobd(['order', 'show', order.id, '--data', data, '--json']);
      const left = (JSON.parse(shown.stdout) as { order: Order }).order;
      expect(doneOf(left)).to.be.at.least(done);
      done = doneOf(left);
      if (left.state === 'paid' && done > 0) inTheMiddle += 1;
      running = await start();
      client = running.client(apiKey);
    }
    await paying;
    await until(client, order.id, ({ state }) => state === 'fulfilled');
    running.signal('SIGTERM');
    expect(await running.ended).to.equal(0);
    expect(inTheMiddle, 'kills that met it in the middle').to.be.greaterThan(0);

    const directory = await readDataDirectory(data);
    const store = await openStore(directory, { createIfMissing: false });
    const units = Array.from({ length: LINES * UNITS }, (_, index) => {
      const [line, unit] = [Math.floor(index / UNITS) + 1, (index % UNITS) + 1];
      return `${order.id}-${line}-${unit}`;
    });
    expect(await idsOf(store, SUBSCRIPTIONS)).to.have.members(units);
    const mails = (await idsOf(store, NOTICES)).filter((id) => id.includes(':licenceKey:'));
    expect(mails).to.have.members(units.map((unit) => `${unit}:licenceKey:0`));
    const keys = await store.scan(LICENCE_KEYS, { limit: 500 });
    expect(keys.items.map(({ subscription }) => subscription as string)).to.have.members(units);
    await store.close();
    await remove();
  });
});
