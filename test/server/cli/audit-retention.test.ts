import { cp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import { openssl } from '../../support/certificates.ts';
import { peerOrSkip } from '../../support/debian.ts';
import { fobd, type Ran, serveInProcess } from '../../support/fobd-in-process.ts';
import { temporaryDirectory } from '../../support/fobd-process.ts';
import { removeAudit, removeAuditBase } from '../../support/tampered-store.ts';

const KEEPS_LITTLE = { FOBD_AUDIT_KEEP: '0s', FOBD_AUDIT_KEEP_ENTRIES: '1' };

describe('fobd audit: checkpoints, exports and retention', () => {
  let place: string;
  let remove: () => Promise<void>;
  let data: string;

  beforeEach(async () => {
    ({ place, remove } = await temporaryDirectory());
    data = path.join(place, 'data');
    await fobd(['init', '--data', data]);
    await accounts('anna', 'berta', 'carla');
  });
  afterEach(() => remove());

  async function accounts(...ids: string[]): Promise<void> {
    for (const id of ids) await fobd(['account', 'add', id, '--data', data]);
  }
  const at = (name: string) => path.join(place, name);
  const audit = (args: readonly string[], environment = {}): Promise<Ran> =>
    fobd(['audit', ...args, '--json'], { environment: { FOBD_DATA: data, ...environment } });
  async function done(args: readonly string[], environment = {}): Promise<Record<string, unknown>> {
    const { code, stdout, stderr } = await audit(args, environment);
    expect(code, stderr).to.equal(0);
    return JSON.parse(stdout) as Record<string, unknown>;
  }
  async function refused(args: readonly string[], environment = {}): Promise<Ran> {
    const ran = await audit(args, environment);
    expect(ran.code, ran.stdout).to.equal(1);
    return ran;
  }
  const faultOf = async (args: readonly string[]) => {
    const { fault, faultAt } = JSON.parse((await refused(args)).stdout) as Record<string, unknown>;
    return `${fault} ${faultAt}`;
  };

  it('a checkpoint finds a rollback and a fork, which the log itself cannot', async () => {
    await done(['checkpoint']);
    await cp(data, at('older'), { recursive: true });
    await accounts('doris');
    const checkpoint = await done(['checkpoint', '--output', at('checkpoint')]);
    await done(['public-key', '--output', at('key.pem')]);
    expect((await stat(at('checkpoint'))).mode & 0o777).to.equal(0o600);
    expect(await done(['verify', '--checkpoint', at('checkpoint')])).to.include({
      sound: true,
      checkpoint: 'matched',
    });
    await rm(data, { recursive: true });
    await cp(at('older'), data, { recursive: true });
    expect(await done(['verify'])).to.include({ sound: true });
    const { sequence } = checkpoint as { sequence: number };
    expect(await faultOf(['verify', '--checkpoint', at('checkpoint')])).to.equal(
      `rolledBack ${sequence}`,
    );
    await accounts('emma', 'frieda');
    const withKey = ['--checkpoint', at('checkpoint'), '--public-key', at('key.pem')];
    expect(await faultOf(['verify', ...withKey])).to.equal(`forked ${sequence}`);
    expect((await fobd(['audit', 'verify', ...withKey, '--data', data])).stderr).to.contain(
      'the checkpoint knows another entry',
    );
  });

  it('a forged checkpoint, and one of another data directory, are told', async () => {
    const text = (await fobd(['audit', 'checkpoint', '--data', data])).stdout;
    await writeFile(at('forged'), text.replace(/"sequence":\d/, '"sequence":1'));
    expect(await faultOf(['verify', '--checkpoint', at('forged')])).to.equal('checkpointForged 1');
    await fobd(['init', '--data', at('other')]);
    await fobd(['audit', 'checkpoint', '--data', at('other'), '--output', at('foreign')]);
    expect(await faultOf(['verify', '--checkpoint', at('foreign')])).to.match(/^checkpointForged/);
    await writeFile(at('nothing'), '{}');
    const { stderr } = await refused(['verify', '--checkpoint', at('nothing')]);
    expect(stderr).to.contain('holds no checkpoint');
  });

  it('a checkpoint is verified by OpenSSL as well', async function () {
    await peerOrSkip(this, 'openssl');
    const { signature, ...signed } = await done(['checkpoint']);
    await done(['public-key', '--output', at('key.pem')]);
    const text = JSON.stringify(Object.fromEntries(Object.entries(signed).sort()));
    await writeFile(at('text'), text);
    await writeFile(at('signature'), Buffer.from(String(signature), 'base64url'));
    const args = ['pkeyutl', '-verify', '-rawin', '-pubin', '-inkey', at('key.pem')];
    const said = await openssl(...args, '-in', at('text'), '-sigfile', at('signature'));
    expect(said).to.contain('Verified Successfully');
  });

  it('exports verify without any data directory, also in pieces', async () => {
    await done(['public-key', '--output', at('key.pem')]);
    await done(['export', '--until', '2', '--output', at('one')]);
    await done(['export', '--after', '2', '--output', at('two')]);
    await done(['checkpoint', '--output', at('checkpoint')]);
    await rm(data, { recursive: true });
    const files = ['--export', at('one'), '--export', at('two')];
    const both = await done(['verify', ...files, '--public-key', at('key.pem')]);
    expect(both).to.include({ sound: true, signedBy: 'givenKey' });
    expect(await done(['verify', ...files, '--checkpoint', at('checkpoint')])).to.include({
      sound: true,
      checkpoint: 'matched',
      signedBy: 'ownKey',
    });
    await writeFile(at('two'), (await readFile(at('two'), 'utf8')).replace('"berta"', '"gerta"'));
    const { stdout, stderr } = await refused(['verify', ...files]);
    expect(JSON.parse(stdout)).to.include({ fault: 'changed', file: at('two') });
    expect(stderr).to.contain(`The export ${at('two')} is NOT sound: an entry was changed`);
  });

  it('refuses a range that the log does not have, and never overwrites', async () => {
    await refused(['export', '--after', '999', '--output', at('x')]);
    await refused(['export', '--after', '3', '--until', '2', '--output', at('x')]);
    await done(['export', '--output', at('x')]);
    expect((await refused(['export', '--output', at('x')])).stderr).to.contain('already there');
  });

  it('removes what was exported, and leaves a log that verifies', async () => {
    const result = await done(
      ['retain', '--before', '4', '--export-to', at('export')],
      KEEPS_LITTLE,
    );
    expect(result).to.include({ base: 0, through: 3, entries: 3, exportedTo: at('export') });
    expect(await done(['verify'])).to.deep.include({ sound: true });
    const { items } = (await done(['list'])) as { items: { sequence: number; action: string }[] };
    expect(items[0]?.sequence).to.equal(4);
    expect(items.at(-1)?.action).to.equal('retain');
    expect(await done(['verify', '--export', at('export')])).to.include({
      sound: true,
      entries: 3,
    });
    expect((await refused(['export', '--after', '1', '--output', at('y')])).stderr).to.contain(
      'after 3',
    );
    // The next export goes on where the first ended.
    await done(['export', '--output', at('rest')]);
    expect(await done(['verify', '--export', at('export'), '--export', at('rest')])).to.include({
      sound: true,
    });
  });

  it('removes nothing that is not in the exports, or that they have otherwise', async () => {
    await done(['export', '--until', '2', '--output', at('one')]);
    const before = ['retain', '--before', '5'];
    await refused([...before, '--exported', at('one')], KEEPS_LITTLE);
    await done(['export', '--after', '2', '--output', at('two')]);
    expect((await refused([...before, '--exported', at('two')], KEEPS_LITTLE)).stderr).to.contain(
      'lack entries',
    );
    const good = await readFile(at('two'), 'utf8');
    await writeFile(at('bad'), good.replace('"berta"', '"gerta"'));
    const bad = ['--exported', at('one'), '--exported', at('bad')];
    expect((await refused([...before, ...bad], KEEPS_LITTLE)).stderr).to.contain('do not verify');
    expect(await done(['verify'])).to.not.have.property('base');
    const both = ['--exported', at('one'), '--exported', at('two')];
    expect(await done([...before, ...both], KEEPS_LITTLE)).to.include({ through: 4 });
  });

  it('keeps what the policy keeps, and at least one entry', async () => {
    const all = ['retain', '--keep', '0s', '--without-export'];
    expect(await done(all)).to.include({ entries: 0 });
    expect(await done(all, { FOBD_AUDIT_KEEP: '0s' })).to.include({ entries: 0 });
    expect(await done(all, { FOBD_AUDIT_KEEP_ENTRIES: '1' })).to.include({ entries: 0 });
    expect(await done(all, KEEPS_LITTLE)).to.include({ through: 3 });
    expect((await audit(['retain', '--keep', '1d'])).code).to.equal(2);
    expect((await audit(['retain', '--without-export'])).code).to.equal(2);
    expect(await done(['verify'])).to.include({ sound: true });
  });

  it('finds a front that was cut after a retention', async () => {
    await done(['retain', '--before', '3', '--without-export'], KEEPS_LITTLE);
    await cp(data, at('retained'), { recursive: true });
    await removeAudit(data, 0, 1);
    expect(await faultOf(['verify'])).to.equal('frontCut 3');
    await rm(data, { recursive: true });
    await cp(at('retained'), data, { recursive: true });
    await removeAuditBase(data);
    expect(await faultOf(['verify'])).to.equal('frontCut 1');
  });

  it('lists by application and by time', async () => {
    const now = new Date();
    const hours = (count: number) => new Date(now.getTime() + count * 3_600_000).toISOString();
    const count = async (args: readonly string[]) =>
      ((await done(['list', ...args])) as { items: unknown[] }).items.length;
    expect(await count(['--from', hours(-1), '--to', hours(1)])).to.equal(4);
    expect(await count(['--from', hours(1)])).to.equal(0);
    expect(await count(['--to', hours(-1)])).to.equal(0);
    expect(await count(['--application', '0123456789abcdef'])).to.equal(0);
    expect((await audit(['list', '--from', 'yesterday'])).code).to.equal(2);
  });

  it('serves checkpoints and forwarding as it was told', async () => {
    const [checkpoint, forwarded] = [at('newest.json'), at('audit.jsonl')];
    const served = await serveInProcess(data, [
      ...['--log-level', 'silent', '--checkpoint-every', '1h', '--checkpoint-to', checkpoint],
      ...['--audit-forward', `file:${forwarded}`],
    ]);
    await fobd(['account', 'add', 'doris', '--data', data]);
    expect((await served.stop()).code).to.equal(0);
    expect(await done(['verify', '--checkpoint', checkpoint])).to.include({
      checkpoint: 'matched',
    });
    const { head } = (await done(['verify'])) as { head: { sequence: number } };
    expect(JSON.parse(await readFile(checkpoint, 'utf8'))).to.include({ sequence: head.sequence });
    const lines = (await readFile(forwarded, 'utf8')).trimEnd().split('\n');
    const sequences = lines.map((line) => (JSON.parse(line) as { sequence: number }).sequence);
    expect(sequences).to.deep.equal(lines.map((_, place) => place + 1));
    expect(sequences.at(-1)).to.be.at.least(5);
    expect(await done(['reindex'])).to.deep.equal({ runs: 0, repaired: 0 });
  });

  it('does not remove what has not been forwarded', async () => {
    const environment = { ...KEEPS_LITTLE, FOBD_AUDIT_FORWARD: `file:${at('audit.jsonl')}` };
    const { stderr } = await refused(['retain', '--before', '3', '--without-export'], environment);
    expect(stderr).to.contain('have not been forwarded');
  });
});
