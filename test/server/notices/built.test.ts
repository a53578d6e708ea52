import path from 'node:path';
import { expect } from 'chai';
import { fobd } from '../../support/fobd-in-process.ts';
import {
  type InitResult,
  type ServingFobd,
  startFobd,
  temporaryDirectory,
} from '../../support/fobd-process.ts';
import { startWebhookPeer, type WebhookPeer } from '../../support/webhook-peer.ts';

/** The program as it is built: what it loads only once it has something to send has to be there. */
describe('the built fobd', function () {
  this.timeout(60_000);
  let peer: WebhookPeer;
  let serving: ServingFobd | undefined;
  let place: string;
  let remove: () => Promise<void>;
  before(async () => {
    peer = await startWebhookPeer();
    ({ place, remove } = await temporaryDirectory());
  });
  after(async () => {
    serving?.signal('SIGKILL');
    await peer.close();
    await remove();
  });

  it('delivers to an endpoint of webhooks', async () => {
    const data = path.join(place, 'data');
    const made = await fobd(['init', '--data', data, '--json']);
    const { administrator } = JSON.parse(made.stdout) as InitResult;
    serving = await startFobd(data, ['--log-level', 'warn']);
    const client = serving.client(administrator.apiKey);
    const url = `http://127.0.0.1:${peer.port}/events`;
    await client.call('addWebhook', { body: { url, allowPrivate: true } });
    await client.call('addAccount', { body: { id: 'one' } });
    await peer.called(1);
    serving.signal('SIGTERM');
    expect(await serving.ended).to.equal(0);
    expect(peer.calls[0]?.url).to.equal('/events');
  });
});
