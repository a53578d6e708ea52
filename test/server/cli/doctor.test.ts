import { chmod, mkdir, rename, rm, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import type { Finding } from '../../../server/doctor/finding.ts';
import type { UnixMillis } from '../../../shared/types.ts';
import { makeCertificate } from '../../support/certificates.ts';
import { fobd, serveInProcess } from '../../support/fobd-in-process.ts';
import { temporaryDirectory } from '../../support/fobd-process.ts';
import { spoilAuditHead } from '../../support/tampered-store.ts';

interface Report {
  readonly code: number;
  readonly verdict: string;
  readonly findings: readonly Finding[];
}

describe('fobd doctor', () => {
  let place: string;
  let remove: () => Promise<void>;
  let data: string;
  let key: string;

  beforeEach(async () => {
    ({ place, remove } = await temporaryDirectory());
    data = path.join(place, 'data');
    key = path.join(place, 'elsewhere', 'master.key');
    await mkdir(path.dirname(key));
    await fobd(['init', '--data', data, '--master-key-file', key]);
  });
  afterEach(() => remove());

  async function doctor(
    more: readonly string[] = [],
    env: Parameters<typeof fobd>[1] = {},
  ): Promise<Report> {
    const argv = ['doctor', '--data', data, '--master-key-file', key, '--json', ...more];
    const { code, stdout, stderr } = await fobd(argv, env);
    if (stdout === '') throw new Error(stderr);
    return { code, ...(JSON.parse(stdout) as Omit<Report, 'code'>) };
  }

  const of = ({ findings }: Report, check: string): readonly Finding[] =>
    findings.filter((finding) => finding.check === check);
  const worse = ({ findings }: Report, ...except: string[]): readonly Finding[] =>
    findings.filter(({ check, level }) => level !== 'ok' && !except.includes(check));

  /** What depends on the machine that the test runs on. */
  const MACHINE = ['clock', 'disk', 'openFiles'];

  it('finds nothing wrong with a new data directory whose key lies elsewhere', async () => {
    const report = await doctor(['--full']);
    expect(worse(report, ...MACHINE)).to.deep.equal([]);
    const checks = new Set(report.findings.map(({ check }) => check));
    expect([...checks]).to.have.members([
      ...['dataDirectory', 'permissions', 'masterKey', 'store', 'audit', 'dataKeys', 'apiKeys'],
      ...['notices', 'indexes', 'clock', 'disk', 'openFiles', 'versions', 'policy', 'certificate'],
    ]);
    expect(of(report, 'audit')[0]?.what).to.match(/is sound: [1-9]\d* entries/);
  });

  it('says the same of one that is being served, and of the process that serves', async () => {
    const served = await serveInProcess(data, ['--master-key-file', key, '--log-level', 'silent']);
    try {
      const report = await doctor();
      expect(worse(report, ...MACHINE)).to.deep.equal([]);
      expect(of(report, 'versions')[0]?.what).to.match(/^fobd [\d.]+ on Node v/);
    } finally {
      await served.stop();
    }
  });

  it('is read by people, each finding with what to do', async () => {
    await rename(key, path.join(data, 'master.key'));
    const { code, stdout } = await fobd(['doctor', '--data', data]);
    expect(code, stdout).to.equal(0);
    expect(stdout).to.match(/^WARN {2}masterKey +The master key lies beside what it protects/m);
    expect(stdout).to.match(/^ +-> Move master\.key elsewhere/m);
    expect(stdout).to.match(/\d+ of \d+ need attention\.\n$/);
  });

  it('fails where others can read what they must not, and says what mends it', async () => {
    await chmod(data, 0o755);
    await chmod(key, 0o644);
    const report = await doctor();
    expect(report.code).to.equal(1);
    expect(report.verdict).to.equal('fail');
    expect(of(report, 'permissions').map(({ next }) => next)).to.have.members([
      `chmod 700 ${data}`,
      `chmod 600 ${key}`,
    ]);
  });

  it('fails where the store cannot be opened, and still says the rest', async () => {
    await writeFile(key, `${'ab'.repeat(32)}\n`);
    const wrongKey = await doctor();
    expect(wrongKey.code).to.equal(1);
    expect(of(wrongKey, 'store')[0]).to.include({ level: 'fail' });
    expect(of(wrongKey, 'store')[0]?.what).to.contain('master key');
    expect(of(wrongKey, 'disk')).to.have.length(1);
    await rm(key);
    expect(of(await doctor(), 'masterKey')[0]).to.include({ level: 'fail' });
  });

  it('fails at once where there is no data directory', async () => {
    const { code, stdout } = await fobd(['doctor', '--data', path.join(place, 'no'), '--json']);
    expect(code).to.equal(1);
    const { findings } = JSON.parse(stdout) as Report;
    expect(findings).to.have.length(1);
    expect(findings[0]?.next).to.contain('fobd init');
  });

  it('fails where the audit log was tampered with', async () => {
    await spoilAuditHead(data);
    const report = await doctor();
    expect(report.code).to.equal(1);
    expect(of(report, 'store').map(({ level }) => level)).to.deep.equal(['fail']);
    const full = await doctor(['--full']);
    expect(of(full, 'audit')[0]?.what).to.contain('NOT sound');
  });

  it('fails where the clock is behind the audit log', async () => {
    const yesterday = (Date.now() - 86_400_000) as UnixMillis;
    const report = await doctor([], { clock: { now: () => yesterday } });
    expect(report.code).to.equal(1);
    const [finding] = of(report, 'clock');
    expect(finding?.what).to.match(/^The clock is 86\d{3} s behind the newest entry/);
  });

  it('fails where the disk is as good as full, and warns where it soon will be', async () => {
    const environment = { FOBD_DISK_RESERVE: '999999999' };
    const report = await doctor([], { environment });
    expect(of(report, 'disk')[0]).to.include({ level: 'fail' });
    expect(report.code).to.equal(1);
  });

  it('warns of keys that have grown old, and of API keys that are about to expire', async () => {
    const old = new Date(Date.now() - 800 * 86_400_000);
    await utimes(key, old, old);
    const at = ['--data', data, '--master-key-file', key];
    const added = await fobd([
      ...['application', 'add', 'kiosk', '--scope', 'verify', '--expires', '3d'],
      ...at,
    ]);
    expect(added.code, added.stderr).to.equal(0);
    const report = await doctor();
    expect(of(report, 'masterKey')[0]?.what).to.contain('800 days old');
    expect(of(report, 'apiKeys')[0]?.what).to.match(/^Application kiosk .* two weeks/);
    expect(report.code).to.equal(0);
  });

  it('warns of a policy that is looser than the default', async () => {
    const policy = path.join(place, 'policy.json');
    await writeFile(policy, '{"lookAhead": 50, "waitSeconds": 1}');
    const report = await doctor(['--policy', policy]);
    expect(of(report, 'policy').map(({ what }) => what.split(' ')[0])).to.deep.equal([
      'lookAhead',
      'waitSeconds',
    ]);
  });

  it('looks at the certificate as fobd would', async () => {
    const { certificateFile, keyFile } = await makeCertificate(place, { days: 7 });
    const tls = ['--tls-certificate', certificateFile, '--tls-key', keyFile];
    const soon = await doctor(tls);
    expect(of(soon, 'certificate')[0]).to.include({ level: 'warn' });
    const other = await makeCertificate(place, { name: 'other' });
    const wrong = await doctor([...tls.slice(0, 3), other.keyFile]);
    expect(of(wrong, 'certificate')[0]?.what).to.contain('does not fit');
    expect(wrong.code).to.equal(1);
  });

  it('changes nothing', async () => {
    const list = () => fobd(['audit', 'list', '--data', data, '--master-key-file', key, '--json']);
    const before = (await list()).stdout;
    await doctor(['--full']);
    expect((await list()).stdout).to.equal(before);
  });
});
