import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import type { Finding } from '../../../server/doctor/finding.ts';
import { fobd } from '../../support/fobd-in-process.ts';
import { temporaryDirectory } from '../../support/fobd-process.ts';

describe('fobd doctor on the drop-in API', () => {
  let place: string;
  let remove: () => Promise<void>;
  let data: string;
  before(async () => {
    ({ place, remove } = await temporaryDirectory());
    data = path.join(place, 'data');
    await fobd(['init', '--data', data]);
  });
  after(() => remove());

  const examine = async (fields: object): Promise<readonly Finding[]> => {
    const file = path.join(place, 'compat.json');
    await writeFile(file, JSON.stringify({ mode: 'appended', ...fields }));
    const { stdout } = await fobd(['doctor', '--data', data, '--compat', file, '--json']);
    const { findings } = JSON.parse(stdout) as { findings: Finding[] };
    return findings.filter(({ check }) => check === 'compat');
  };

  for (const [what, fields] of [
    ['of networks of one’s own', { addresses: ['10.1.0.0/16', '127.0.0.1', '::1', 'fd00::/8'] }],
    ['of any address with a key', { requireKey: true }],
    ['of public addresses with a key', { addresses: ['0.0.0.0/0'], requireKey: true }],
    ['by challenge', { addresses: ['192.168.7.0/24'], mode: 'challenge' }],
  ] as const) {
    it(`finds nothing wrong where callers ask ${what}`, async () => {
      const findings = await examine(fields);
      expect(findings.map(({ level }) => level)).to.deep.equal(['ok']);
    });
  }

  it('says nothing of it where it is not served', async () => {
    const { stdout } = await fobd(['doctor', '--data', data, '--json']);
    expect(stdout).not.to.include('"compat"');
  });

  const home = ['10.0.0.0/8'];
  for (const [what, fields, pattern] of [
    ['a code alone', { addresses: home, mode: 'code', codeAlone: true }, /asks for a code alone/],
    ['tokens made over it', { addresses: home, tokenInit: true }, /lets service accounts make/],
    [
      'a public address',
      { addresses: [...home, '8.8.8.8'] },
      /without an API key: 8\.8\.8\.8\/32$/,
    ],
    ['a public one of IPv6', { addresses: ['2001:db8::/32'] }, /API key: 2001:db8::\/32$/],
    ['more than is private', { addresses: ['10.0.0.0/7'] }, /API key: 10\.0\.0\.0\/7$/],
    ['everybody', { addresses: ['0.0.0.0/0', '::/0'] }, /API key: 0\.0\.0\.0\/0, ::\/0$/],
  ] as const) {
    it(`warns of ${what}`, async () => {
      const findings = await examine(fields);
      expect(findings).to.have.length(1);
      expect(findings[0]?.level).to.equal('warn');
      expect(findings[0]?.what).to.match(pattern);
      expect(findings[0]?.next).to.be.a('string');
    });
  }

  it('warns of each thing by itself', async () => {
    const lax = { addresses: ['0.0.0.0/0'], mode: 'code', codeAlone: true, tokenInit: true };
    expect(await examine(lax)).to.have.length(3);
  });
});
