import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { inspect, type Rule } from './support/architecture.ts';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const NOT_OURS = new Set(['node_modules', 'dist', '.git', '.cache', '.ci']);

async function readTree(): Promise<Map<string, string>> {
  const tree = new Map<string, string>();
  const walk = async (folder: string): Promise<void> => {
    for (const entry of await readdir(path.join(ROOT, folder), { withFileTypes: true })) {
      if (NOT_OURS.has(entry.name)) continue;
      const file = path.posix.join(folder, entry.name);
      if (entry.isDirectory()) await walk(file);
      else if (/\.(ts|js|mjs|cjs)$/.test(entry.name)) {
        tree.set(file, await readFile(path.join(ROOT, file), 'utf8'));
      }
    }
  };
  await walk('');
  return tree;
}

/** One planted offender of each kind, and a neighbour that is as near to it as the law allows. */
const PLANTED: readonly (readonly [Rule, Record<string, string>, Record<string, string>])[] = [
  [
    'importLaw',
    { 'emulator/cli/a.ts': "import { x } from '../../server/http/x.ts';" },
    { 'emulator/fleet/a.ts': "import { x } from '../../server/verification/x.ts';" },
  ],
  [
    'importLaw',
    { 'server/http/a.ts': "const x = await import('../../emulator/device/x.ts');" },
    { 'server/http/a.ts': "const x = await import('../tokens/x.ts');" },
  ],
  [
    'importLaw',
    { 'server/tokens/a.ts': "import type { X } from '../http/x.ts';" },
    { 'server/tokens/a.ts': "import type { X } from '../store/x.ts';" },
  ],
  [
    'importLaw',
    { 'server/verification/a.ts': "export { x } from '../store/x.ts';" },
    { 'server/verification/a.ts': "export { x } from '../../shared/x.ts';" },
  ],
  [
    'importLaw',
    { 'firmware-spec/a.ts': "type X = import('../shared/x.ts').X;" },
    { 'firmware-spec/a.ts': "type X = import('./x.ts').X;" },
  ],
  [
    'importLaw',
    { 'server/tokens/a.ts': "import { C30 } from '../../firmware-spec/profiles/c30.ts';" },
    { 'shared/a.ts': "import { X } from '../firmware-spec/x.ts';" },
  ],
  [
    'importLaw',
    { 'shared/a.ts': "import { x } from '../test/support/x.ts';" },
    { 'test/a.ts': "import { x } from './support/x.ts';" },
  ],
  [
    'importLaw',
    { 'examples/one/a.ts': "import { Token } from '../../emulator/library/token.ts';" },
    { 'examples/one/a.ts': "import { b } from './b.ts';" },
  ],
  [
    'cycle',
    {
      'shared/a.ts': "import { b } from './b.ts';",
      'shared/b.ts': "import { c } from './wire/c.ts';",
      'shared/wire/c.ts': "import { a } from '../a.ts';",
    },
    { 'shared/a.ts': "import { b } from './b.ts';", 'shared/b.ts': "export const b = 'a.ts';" },
  ],
  [
    'fileSize',
    { 'shared/a.ts': 'export {};\n'.repeat(331) },
    { 'shared/a.ts': 'export {};\n'.repeat(300) },
  ],
  [
    'functionSize',
    { 'shared/a.ts': `export const a = () => {\n${'  a();\n'.repeat(70)}};` },
    { 'shared/a.ts': `export const a = () => {\n${'  a();\n'.repeat(68)}};` },
  ],
  [
    'functionSize',
    { 'shared/a.ts': `class A {\n  b() {\n${'  a();\n'.repeat(70)}}\n}` },
    {
      'shared/a.ts': `class A {\n  b() {\n${'  a();\n'.repeat(60)}}\n  c() {}\n${'\n'.repeat(9)}}`,
    },
  ],
  [
    'lineWidth',
    { 'shared/a.ts': `// ${'word '.repeat(20)}` },
    { 'shared/a.ts': `// ${'word '.repeat(18)}` },
  ],
  [
    'clock',
    { 'server/http/a.ts': 'const t = Date.now();' },
    { 'server/main.ts': 'const t = Date.now();' },
  ],
  [
    'clock',
    { 'emulator/device/a.ts': 'const t = new Date();' },
    { 'emulator/device/a.ts': 'const t = new Date(5);' },
  ],
  [
    'clock',
    { 'shared/a.ts': 'const now = performance.now;' },
    { 'emulator/cli/a.ts': 'const now = performance.now;' },
  ],
  [
    'randomness',
    { 'server/tokens/a.ts': 'const r = Math.random();' },
    { 'server/cli/a.ts': 'const r = Math.random();' },
  ],
  [
    'randomness',
    { 'server/vault/a.ts': 'const r = crypto.randomBytes(8);' },
    { 'server/vault/a.ts': 'const r = rng.bytes(8);' },
  ],
  [
    'environment',
    { 'server/cli/a.ts': 'const e = process.env;' },
    { 'server/config.ts': 'const e = process.env;' },
  ],
  [
    'environment',
    { 'emulator/drawer/a.ts': "const e = process.env['FOB_DRAWER'];" },
    { 'emulator/cli/system.ts': "const e = process.env['FOB_DRAWER'];" },
  ],
  [
    'soleImporter',
    { 'server/tokens/a.ts': "import { generateSync } from 'otplib';" },
    { 'shared/otp.ts': "import { generateSync } from 'otplib';" },
  ],
  [
    'soleImporter',
    { 'shared/otp.ts': "import base32 from 'hi-base32';" },
    { 'shared/base32.ts': "import base32 from 'hi-base32';" },
  ],
  [
    'purity',
    { 'emulator/device/a.ts': "import { readFile } from 'node:fs';" },
    { 'emulator/drawer/a.ts': "import { readFile } from 'node:fs';" },
  ],
  ['forbiddenName', { 'shared/utils.ts': '' }, { 'shared/span.ts': '' }],
  ['forbiddenName', { 'server/store/index.ts': '' }, { 'server/store/indexes.ts': '' }],
  ['topLevel', { 'scripts/a.ts': '' }, { 'server/a.ts': '' }],
];

describe('architecture', () => {
  it('the house keeps its law', async () => {
    const tree = await readTree();
    expect(tree.size).to.be.greaterThan(20);
    expect(inspect(tree)).to.deep.equal([]);
  });

  for (const [rule, offender, neighbour] of PLANTED) {
    const [file] = Object.keys(offender);
    it(`catches a planted offender: ${rule} in ${file}`, () => {
      const found = inspect(new Map(Object.entries(offender)));
      expect(found.map((offence) => offence.rule)).to.deep.equal([rule]);
    });
    it(`lets its lawful neighbour pass: ${rule} beside ${file}`, () => {
      expect(inspect(new Map(Object.entries(neighbour)))).to.deep.equal([]);
    });
  }
});
