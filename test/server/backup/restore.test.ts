import { copyFile, cp, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import { timeStepAt } from '../../../shared/otp.ts';
import type { UnixMillis } from '../../../shared/types.ts';
import { fobd, type Ran, serveInProcess } from '../../support/fobd-in-process.ts';
import { type InitResult, temporaryDirectory } from '../../support/fobd-process.ts';
import { codeAt, SEED, SEED_FILE, START } from './four-tokens.ts';

describe('fobd backup and restore', function () {
  this.timeout(60_000);
  let place: string;
  let remove: () => Promise<void>;
  let data: string;
  let key: string;
  let backup: string;
  let now = START as UnixMillis;
  let count = 0;
  const clock = { now: () => now };

  const run = async (args: readonly string[], input = ''): Promise<Ran> =>
    fobd([...args], { clock, input });
  const good = async (args: readonly string[], input = ''): Promise<Record<string, unknown>> => {
    const ran = await run([...args, '--json'], input);
    expect(ran.code, `${args.join(' ')}: ${ran.stderr}`).to.equal(0);
    return JSON.parse(ran.stdout) as Record<string, unknown>;
  };
  const fresh = (): string => {
    count += 1;
    return path.join(place, `restored-${count}`);
  };
  const restored = async (...args: readonly string[]) => {
    const where = fresh();
    const to = ['--data', where, '--master-key-file', key];
    const told = await good(['restore', backup, ...to, ...args]);
    await copyFile(key, path.join(where, 'master.key'));
    return { where, told };
  };
  const register = (serial: string, first: number) =>
    good(
      ['token', 'register', serial, '--account', 'ada', '--data', data],
      `${codeAt(first)}\n${codeAt(first + 1)}\n`,
    );
  const verify = async (where: string, serial: string, factor: number): Promise<string> => {
    const served = await serve(where);
    const reply = await fetch(`${served.address}/v1/verify`, {
      method: 'POST',
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ serial, code: codeAt(factor) }),
    });
    await served.stop();
    return ((await reply.json()) as { outcome: string }).outcome;
  };
  const serve = (where: string) => serveInProcess(where, ['--log-level', 'silent'], { clock });
  let apiKey = '';
  const step = (): number => timeStepAt(now, { stepSeconds: 30 });

  before(async () => {
    ({ place, remove } = await temporaryDirectory());
    data = path.join(place, 'data');
    key = path.join(place, 'kept.key');
    backup = path.join(place, 'backup');
    const init = (await good(['init', '--data', data])) as unknown as InitResult;
    apiKey = init.administrator.apiKey;
    await copyFile(path.join(data, 'master.key'), key);
    const file = path.join(place, 'seeds.csv');
    await writeFile(file, `serial,seed,algorithm,digits,counter,period\n${SEED_FILE}\n`);
    await good(['seed-file', 'import', file, '--data', data]);
    await good(['account', 'add', 'ada', '--data', data]);
    await register('EV1', 0);
    await register('EV2', 0);
    const first = step();
    now = (now + 30_000) as UnixMillis;
    await register('TI1', first);
    now = (now + 60_000) as UnixMillis;
    await good(['token', 'lost', 'EV2', '--data', data]);
    await good(['backup', '--output', backup, '--data', data]);
  });
  after(() => remove());

  it('writes one private file, never over another, served or not', async () => {
    expect((await stat(backup)).mode & 0o777).to.equal(0o600);
    const text = await readFile(backup, 'utf8');
    expect(text).not.to.contain((await readFile(key, 'utf8')).trim());
    expect(text).not.to.contain(Buffer.from(SEED ?? []).toString('hex'));
    const again = await run(['backup', '--output', backup, '--data', data]);
    expect(again.code).to.equal(1);
    expect(again.stderr).to.contain('[exists]');

    const served = await serve(data);
    const other = path.join(place, 'while-serving');
    const made = await good(['backup', '--output', other, '--data', data]);
    await served.stop();
    expect(made['bytes']).to.equal((await stat(other)).size);
    expect((await readdir(place)).filter((name) => name.includes('unfinished'))).to.deep.equal([]);
  });

  it('gives everything back, sound, and locks what it must', async () => {
    const { where, told } = await restored();
    expect(told).to.deep.include({ tokens: 4, eventTokens: 2, timeTokens: 1, lab: false });
    expect(told).to.deep.include({ disabledTokens: 3, absent: [] });
    const { items } = (await good(['token', 'list', '--data', where])) as {
      items: { serial: string; holds: string[] }[];
    };
    const holds = Object.fromEntries(items.map(({ serial, holds: of }) => [serial, of]));
    expect(holds).to.deep.equal({
      EV1: ['locked', 'disabled'],
      EV2: ['locked', 'disabled', 'lost'],
      EV3: ['disabled'],
      TI1: [],
    });
    expect(await good(['audit', 'verify', '--data', where])).to.deep.include({ sound: true });
    const audit = (await good(['audit', 'list', '--data', where, '--limit', '500'])) as {
      items: { action: string; details?: object }[];
    };
    const entry = audit.items.find(({ action }) => action === 'restore');
    expect(entry?.details).to.include({ applied: false, lostEntries: null, unusedSince: false });
    expect((await stat(where)).mode & 0o777).to.equal(0o700);
  });

  it('accepts no code again that was accepted since', async () => {
    expect(await verify(data, 'EV1', 2)).to.equal('accepted');
    expect(await verify(data, 'TI1', step())).to.equal('accepted');
    const usedStep = step();
    const { where } = await restored();
    expect(await verify(where, 'EV1', 2)).to.equal('disabled');
    expect(await verify(where, 'TI1', usedStep)).to.equal('replayed');
    now = (now + 30_000) as UnixMillis;
    expect(await verify(where, 'TI1', usedStep)).to.equal('replayed');

    // An unlock is not enough, nor is a pair: two codes that were used are one too.
    const pair = `${codeAt(7)}\n${codeAt(8)}\n`;
    const to = ['--data', where];
    await good(['token', 'unlock', 'EV1', ...to]);
    const resync = await run(['token', 'resync', 'EV1', '--json', ...to], pair);
    expect(JSON.parse(resync.stdout)).to.include({ outcome: 'disabled' });
    const register = ['token', 'register', 'EV3', '--account', 'ada', '--json', ...to];
    expect(JSON.parse((await run(register, pair)).stdout)).to.include({ outcome: 'disabled' });
    const mute = await run(['token', 'enable', 'EV1', ...to]);
    expect(mute.stderr).to.contain('[notAllowedNow]').and.to.contain('--reason');
    const told = await good(['token', 'explain', 'EV1', ...to]);
    expect(told).to.have.nested.property('state.nextStep').that.contains('Replace it');

    // With somebody's word two codes tell where the counter is.
    await good(['token', 'enable', 'EV1', '--reason', 'it was in the safe', ...to]);
    expect(await verify(where, 'EV1', 2)).to.equal('locked');
    await good(['token', 'resync', 'EV1', '--data', where], pair);
    expect(await verify(where, 'EV1', 2)).to.equal('replayed');
    expect(await verify(where, 'EV1', 9)).to.equal('accepted');

    now = (now + 22 * 30_000) as UnixMillis;
    expect(await verify(where, 'TI1', step())).to.equal('replayed');
    now = (now + 282 * 30_000) as UnixMillis;
    expect(await verify(where, 'TI1', step())).to.equal('accepted');
  });

  it('refuses what is not whole, not its own or in the way, and leaves nothing', async () => {
    const text = await readFile(backup, 'utf8');
    const bad = path.join(place, 'bad');
    const other = path.join(place, 'other.key');
    await writeFile(other, 'ab'.repeat(32));
    const full = path.join(place, 'full');
    await mkdir(full);
    await writeFile(path.join(full, 'mine.txt'), 'mine');
    const refuse = async (what: string, code: string, args: readonly string[]) => {
      const ran = await run(['restore', ...args]);
      expect(ran.stderr, what).to.contain(`[${code}]`);
      expect(ran.stdout).to.equal('');
    };
    const where = fresh();
    const to = ['--data', where, '--master-key-file', key];
    for (const [what, changed] of [
      ['cut', text.slice(0, -200)],
      ['changed', text.replace('"lab":false', '"lab":true ')],
      ['emptied', ''],
    ] as const) {
      await writeFile(bad, changed);
      await refuse(what, 'backupDamaged', [bad, ...to]);
    }
    await refuse('missing', 'fileUnreadable', [path.join(place, 'nowhere'), ...to]);
    await refuse('keyless', 'usage', [backup, '--data', where]);
    const wrong = [backup, '--data', where, '--master-key-file', other];
    await refuse('wrong key', 'wrongMasterKey', wrong);
    const onto = [backup, '--data', full, '--master-key-file', key];
    await refuse('occupied', 'dataDirectoryExists', onto);
    expect(await readdir(full)).to.deep.equal(['mine.txt']);
    expect((await readdir(place)).filter((name) => name.includes('.restore-'))).to.deep.equal([]);
    expect(await readdir(place)).not.to.include(path.basename(where));
  });

  it('restores a lab as a lab', async () => {
    const lab = path.join(place, 'lab');
    await good(['init', '--data', lab, '--lab', '--lab-clock', '2026-01-01T00:00:00Z']);
    const file = path.join(place, 'lab.backup');
    await good(['backup', '--output', file, '--data', lab]);
    const where = fresh();
    const labKey = path.join(lab, 'master.key');
    const told = await good(['restore', file, '--data', where, '--master-key-file', labKey]);
    expect(told['lab']).to.equal(true);
    const with_ = ['--data', where, '--master-key-file', labKey];
    expect(await good(['lab', 'clock', ...with_])).to.have.property('now');
  });

  describe('with a newer audit export', () => {
    let exported: string;
    before(async () => {
      expect(await verify(data, 'EV1', 3)).to.equal('accepted');
      await good(['token', 'suspend', 'EV1', '--data', data]);
      await good(['token', 'suspend', 'EV3', '--data', data]);
      await good(['token', 'resume', 'EV3', '--data', data]);
      await good(['token', 'revoke', 'TI1', '--reason', 'stolen', '--data', data]);
      exported = path.join(place, 'audit.export');
      await good(['audit', 'export', '--output', exported, '--data', data]);
    });

    it('lists what was held and revoked since', async () => {
      const { where, told } = await restored('--audit-export', exported);
      const { items, signed } = told['since'] as {
        signed: boolean;
        items: { action: string; serial: string; result: string }[];
      };
      expect(signed).to.equal(true);
      expect(items.map(({ action, serial, result }) => [action, serial, result])).to.deep.equal([
        ['suspend', 'EV1', 'listed'],
        ['suspend', 'EV3', 'listed'],
        ['resume', 'EV3', 'listed'],
        ['revoke', 'TI1', 'listed'],
      ]);
      const { token } = (await good(['token', 'show', 'TI1', '--data', where])) as {
        token: { life: string };
      };
      expect(token.life).to.equal('registered');
    });

    it('sets it again with --apply, but not what was lifted', async () => {
      const { where, told } = await restored('--audit-export', exported, '--apply');
      const { items } = told['since'] as { items: { result: string }[] };
      expect(items.map(({ result }) => result)).to.deep.equal([
        'applied',
        'listed',
        'listed',
        'applied',
      ]);
      const shown = async (serial: string) => {
        const reply = await good(['token', 'show', serial, '--data', where]);
        const { life, holds } = reply['token'] as { life: string; holds: string[] };
        return [life, ...holds];
      };
      expect(await shown('TI1')).to.deep.equal(['revoked']);
      expect(await shown('EV1')).to.deep.equal(['registered', 'locked', 'disabled', 'suspended']);
      expect(await shown('EV3')).to.deep.equal(['stocked', 'disabled']);
    });

    it('burns what was accepted by it; with the word that it was all, two codes do', async () => {
      const { where, told } = await restored('--audit-export', exported, '--unused-since');
      expect(told).to.deep.include({ eventTokens: 2, disabledTokens: 0 });
      const resync = async (first: number) => {
        const pair = `${codeAt(first)}\n${codeAt(first + 1)}\n`;
        const ran = await run(['token', 'resync', 'EV1', '--data', where, '--json'], pair);
        return (JSON.parse(ran.stdout) as { outcome: string }).outcome;
      };
      expect(await resync(2), 'both were used since').to.equal('wrongCode');
      expect(await resync(4)).to.equal('accepted');
      now = (now + 22 * 30_000) as UnixMillis;
      expect(await verify(where, 'TI1', step())).to.equal('accepted');
      const shown = await good(['audit', 'list', '--data', where, '--limit', '500']);
      const entry = (shown['items'] as { action: string; details?: object }[]).find(
        ({ action }) => action === 'restore',
      );
      expect(entry?.details).to.include({ unusedSince: true });
    });

    it('tells of a replaced token, and of one that the backup does not have', async () => {
      const copy = path.join(place, 'copy');
      await cp(data, copy, { recursive: true });
      const file = path.join(place, 'later.csv');
      const seed = Buffer.from(SEED ?? []).toString('hex');
      const head = 'serial,seed,algorithm,digits,counter';
      await writeFile(file, `${head}\nLATE1,${seed},SHA1,6,0\n`);
      await good(['seed-file', 'import', file, '--data', copy]);
      const pair = `${codeAt(0)}\n${codeAt(1)}\n`;
      await good(['token', 'replace', 'EV2', '--with', 'LATE1', '--data', copy], pair);
      const newer = path.join(place, 'newer.export');
      await good(['audit', 'export', '--output', newer, '--data', copy]);
      const { where, told } = await restored('--audit-export', newer, '--apply');
      expect(told['absent']).to.deep.equal(['LATE1']);
      const { items } = told['since'] as { items: { action: string; result: string }[] };
      const replaced = items.filter(({ action }) => action === 'replace');
      expect(replaced).to.have.length(2);
      expect(replaced[0]).to.include({ serial: 'EV2', replacedBy: 'LATE1', result: 'applied' });
      const { token } = (await good(['token', 'show', 'EV2', '--data', where])) as {
        token: { life: string };
      };
      expect(token.life).to.equal('revoked');
    });

    it('refuses an export that was changed, or is of another log', async () => {
      const changed = path.join(place, 'changed.export');
      await writeFile(changed, (await readFile(exported, 'utf8')).replace('stolen', 'stalen'));
      const foreign = path.join(place, 'foreign');
      await good(['init', '--data', foreign]);
      const foreignExport = path.join(place, 'foreign.export');
      await good(['audit', 'export', '--output', foreignExport, '--data', foreign]);
      for (const file of [changed, foreignExport]) {
        const where = fresh();
        const args = ['--data', where, '--master-key-file', key, '--audit-export', file];
        const ran = await run(['restore', backup, ...args]);
        expect(ran.stderr).to.contain('[invalidInput]');
        expect(await readdir(place)).not.to.include(path.basename(where));
      }
    });

    it('and a checkpoint kept elsewhere still finds that the log was set back', async () => {
      const checkpoint = path.join(place, 'checkpoint');
      await good(['audit', 'checkpoint', '--output', checkpoint, '--data', data]);
      const { where } = await restored();
      const args = ['audit', 'verify', '--data', where, '--checkpoint', checkpoint];
      const behind = await run([...args, '--json']);
      expect(behind.code).to.equal(1);
      expect(JSON.parse(behind.stdout)).to.include({ sound: false, fault: 'rolledBack' });
      for (let n = 0; n < 12; n += 1) {
        await good(['account', 'add', `later${n}`, '--data', where]);
      }
      const past = await run([...args, '--json']);
      expect(JSON.parse(past.stdout)).to.include({ sound: false, fault: 'forked' });
    });
  });
});
