import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import { announce, crashRuns } from '../../support/crash-runs.ts';
import { fobd } from '../../support/fobd-in-process.ts';
import { startFobd, temporaryDirectory } from '../../support/fobd-process.ts';
import { seededUniform } from '../../support/seeded-uniform.ts';
import { type SmtpPeer, startSmtpPeer } from '../../support/smtp-peer.ts';

const ROUNDS = 3;
const PASSWORDS = 4;

describe('kill -9 while mails are sent', function () {
  this.timeout(60_000);
  const runs = crashRuns(ROUNDS);
  const uniform = seededUniform(runs.seed);
  let peer: SmtpPeer;
  let place: string;
  let remove: () => Promise<void>;
  before(async () => {
    announce('kill -9 of the outbox', runs);
    peer = await startSmtpPeer();
    ({ place, remove } = await temporaryDirectory());
  });
  after(async () => {
    await peer.close();
    await remove();
  });

  it('records each notice once, and delivers it under one Message-ID', async () => {
    const data = path.join(place, 'data');
    const mail = path.join(place, 'mail.json');
    const options = { host: '127.0.0.1', port: peer.port, security: 'none', from: 'a@example.com' };
    await writeFile(mail, JSON.stringify(options));
    const made = await fobd(['init', '--data', data, '--json']);
    expect(made.code, made.stderr).to.equal(0);
    const { apiKey } = (JSON.parse(made.stdout) as { administrator: { apiKey: string } })
      .administrator;
    const args = ['--mail', mail, '--log-level', 'error'];
    const account = ['account', 'add', 'jennifer', '--email', 'jennifer@example.com'];
    const added = await fobd([...account, '--data', data]);
    expect(added.code, added.stderr).to.equal(0);
    let set = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const serving = await startFobd(data, args);
      const client = serving.client(apiKey);
      for (let count = 0; count < PASSWORDS; count += 1) {
        const password = `a long password, the ${set}th`;
        await client.call('setPassword', { params: { id: 'jennifer' }, body: { password } });
        set += 1;
      }
      // Anywhere between the decision, the follower, the sending and its record.
      await new Promise((resolve) => setTimeout(resolve, uniform() * 500));
      serving.signal('SIGKILL');
      await serving.ended;
    }
    const last = await startFobd(data, args);
    const client = last.client(apiKey);
    const notices = async () => (await client.call('listNotices', { query: {} })).items;
    const isDone = async () => {
      const items = await notices();
      return items.length >= set && items.every(({ state }) => state === 'sent');
    };
    while (!(await isDone())) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await notices()).to.have.length(set);
    const ids = peer.mails.map(({ parsed }) => parsed.messageId);
    expect(new Set(ids)).to.have.length(set);
    expect(ids.length).to.be.within(set, set + ROUNDS * 4);
    last.signal('SIGTERM');
    expect(await last.ended).to.equal(0);
  });
});
