import { chmod, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import type { Finding } from '../../../server/doctor/finding.ts';
import { fobd } from '../../support/fobd-in-process.ts';
import { temporaryDirectory } from '../../support/fobd-process.ts';

const SECRET = 'a secret of sixteen and more';

describe('fobd doctor on RADIUS', () => {
  let place: string;
  let remove: () => Promise<void>;
  let data: string;
  before(async () => {
    ({ place, remove } = await temporaryDirectory());
    data = path.join(place, 'data');
    await fobd(['init', '--data', data]);
  });
  after(() => remove());

  const examine = async (clients: readonly object[], mode = 0o600): Promise<readonly Finding[]> => {
    const file = path.join(place, 'radius.json');
    const rows = clients.map((row, index) => ({
      name: `c${index}`,
      addresses: ['10.0.0.0/8'],
      mode: 'challenge',
      secret: `${SECRET} ${index}`,
      ...row,
    }));
    await writeFile(file, JSON.stringify({ clients: rows }));
    await chmod(file, mode);
    const { stdout } = await fobd(['doctor', '--data', data, '--radius', file, '--json']);
    expect(stdout).not.to.include(SECRET);
    const { findings } = JSON.parse(stdout) as { findings: Finding[] };
    return findings.filter(({ check }) => check === 'radius');
  };

  it('finds nothing wrong where nothing is', async () => {
    const findings = await examine([{}, {}]);
    expect(findings.map(({ level }) => level)).to.deep.equal(['ok']);
  });

  it('says nothing of it where it is not served', async () => {
    const { stdout } = await fobd(['doctor', '--data', data, '--json']);
    expect(stdout).not.to.include('"radius"');
  });

  const group = { name: 'x', role: 'user', mode: 'code', codeAlone: true };
  const lax = { host: '10.9.9.9', secret: SECRET, requireMessageAuthenticator: false };
  for (const [what, clients, pattern] of [
    ['a code alone', [{ mode: 'code', codeAlone: true }], /c0 asks for a code alone/],
    ['a code alone for a group', [{ groups: [group] }], /c0 asks for a code alone/],
    ['no Message-Authenticator', [{ requireMessageAuthenticator: false }], /c0 need not send/],
    ['none from another server', [{ proxyTo: lax }], /c0 believes another server/],
    ['a short secret', [{ secret: 'short one' }], /c0 has a secret of 9 bytes/],
    ['a shared secret', [{ secret: SECRET }, {}, { secret: SECRET }], /c0, c2 share one secret/],
  ] as const) {
    it(`warns of ${what}`, async () => {
      const findings = await examine(clients);
      expect(findings).to.have.length(1);
      expect(findings[0]?.level).to.equal('warn');
      expect(findings[0]?.what).to.match(pattern);
      expect(findings[0]?.next).to.be.a('string');
    });
  }

  it('fails where others can read the secrets', async () => {
    const [finding] = await examine([{}], 0o644);
    expect(finding).to.include({ level: 'fail' });
    expect(finding?.what).to.match(/radius\.json holds RADIUS secrets and is open to others/);
  });
});
