import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import fc from 'fast-check';
import { encodeBase32 } from '../../../shared/base32.ts';
import { formatTime } from '../../../shared/time.ts';
import type { UnixMillis } from '../../../shared/types.ts';
import { type Peer, peerOrSkip } from '../../support/debian.ts';
import { fobJson, temporaryDirectory } from '../../support/fob-env.ts';
import { type FobProgram, fobProgram, inParallel } from '../../support/fob-program.ts';

const IN_PROCESS_CASES = 1_000;
const WHOLE_PROCESS_CASES = 50;
/** Runs of oathtool that one shell makes, one after the other: to fork this process costs more. */
const RUNS_A_SHELL = 50;

interface Case {
  readonly serial: string;
  readonly type: 'totp' | 'hotp';
  readonly seed: Uint8Array;
  readonly algorithm: 'SHA1' | 'SHA256' | 'SHA512';
  readonly digits: number;
  readonly period: number;
  readonly counter: number;
  readonly at: UnixMillis;
}

const YEAR_2100 = Date.UTC(2100, 0, 1);
const anyCase = fc.record({
  type: fc.constantFrom('totp', 'hotp'),
  seed: fc.uint8Array({ minLength: 16, maxLength: 64 }),
  algorithm: fc.constantFrom('SHA1', 'SHA256', 'SHA512'),
  digits: fc.constantFrom(6, 7, 8),
  period: fc.oneof(fc.constantFrom(30, 60), fc.integer({ min: 1, max: 3600 })),
  counter: fc.oneof(
    fc.nat({ max: 1000 }),
    fc.maxSafeNat().map((value) => Math.floor(value / 2)),
  ),
  at: fc.integer({ min: 0, max: YEAR_2100 }),
});

describe('fob press, beside oathtool', function () {
  this.timeout(180_000);
  const randomSeed = Math.floor(Math.random() * 2 ** 31);
  const cases: Case[] = fc
    .sample(anyCase, { numRuns: IN_PROCESS_CASES, seed: randomSeed })
    .map((made, index) => ({ ...made, serial: `T${index}` }) as Case);
  let oathtool: Peer;
  let program: FobProgram;
  let home: ReturnType<typeof temporaryDirectory>;
  let common: string[];

  before(async function () {
    oathtool = await peerOrSkip(this, 'oathtool');
    program = await fobProgram();
  });
  beforeEach(async () => {
    home = temporaryDirectory();
    common = ['--drawer', path.join(home.path, 'drawer')];
    const uris = path.join(home.path, 'uris.txt');
    writeFileSync(uris, cases.map(uriOf).join('\n'));
    await fobJson(['import', uris, ...common]);
  });
  afterEach(() => home.remove());

  it(`shows the same code in ${IN_PROCESS_CASES} random cases`, async () => {
    const expected = await peerCodes(oathtool, cases);
    for (const [index, one] of cases.entries()) {
      const argv = ['press', one.serial, '--at', formatTime(one.at), ...common];
      const { code, display } = await fobJson<{ code: string; display: string }>(argv);
      expect(code, told(one, randomSeed)).to.equal(expected[index]);
      expect(display).to.equal(code);
    }
  });

  it(`shows the same code in ${WHOLE_PROCESS_CASES} whole processes`, async () => {
    await inParallel(cases.slice(0, WHOLE_PROCESS_CASES), 2, async (one) => {
      const argv = ['press', one.serial, '--at', formatTime(one.at), '--json', ...common];
      const { stdout, stderr } = await program.run(argv);
      const { code } = JSON.parse(stdout) as { code: string };
      expect(code, told(one, randomSeed)).to.equal(await peerCode(oathtool, one));
      expect(stderr).to.equal('');
    });
  });

  it('goes on agreeing as the same tokens are pressed again and again', async () => {
    for (const [type, profile] of [
      ['totp', 'c30'],
      ['hotp', 'e6'],
    ] as const) {
      const serial = `MADE-${profile}`;
      const at = Date.UTC(2026, 0, 1) as UnixMillis;
      const born = ['--crystal', 'ideal', '--at', formatTime(at)];
      await fobJson(['make', serial, '--profile', profile, ...born, ...common]);
      const exported = ['export', serial, '--format', 'csv', ...common];
      const { text } = await fobJson<{ text: string }>(exported);
      const seed = Uint8Array.from(Buffer.from(text.split('\n')[1]?.split(',')[1] ?? '', 'hex'));
      let after: string[] = ['--at', formatTime(at)];
      for (let press = 0; press < 20; press += 1) {
        const pressed = await fobJson<{ code: string }>(['press', serial, ...after, ...common]);
        const one: Case = {
          ...{ serial, type, seed, algorithm: 'SHA1', digits: 6, period: 30, counter: press },
          at: (at + press * 31_000) as UnixMillis,
        };
        expect(pressed.code).to.equal(await peerCode(oathtool, one));
        after = ['--after', '31s'];
      }
    }
  });
});

function uriOf({ serial, type, seed, algorithm, digits, period, counter }: Case): string {
  const factor = type === 'totp' ? `period=${period}` : `counter=${counter}`;
  const query = `secret=${encodeBase32(seed)}&algorithm=${algorithm}&digits=${digits}&${factor}`;
  return `otpauth://${type}/Peer:${serial}?${query}`;
}

const peerArguments = (one: Case): string[] => [
  ...peerFactor(one),
  `--digits=${one.digits}`,
  Buffer.from(one.seed).toString('hex'),
];

async function peerCode({ path: program, env }: Peer, one: Case): Promise<string> {
  const { stdout } = await promisify(execFile)(program, peerArguments(one), { env });
  return stdout.trim();
}

/** In the order of the cases; each still is a run of its own. */
async function peerCodes({ path: program, env }: Peer, all: readonly Case[]): Promise<string[]> {
  const codes: string[] = [];
  for (let first = 0; first < all.length; first += RUNS_A_SHELL) {
    const some = all.slice(first, first + RUNS_A_SHELL);
    const lines = some.map((one) => ['"$0"', ...peerArguments(one).map(quoted)].join(' '));
    const script = ['set -e', ...lines].join('\n');
    const { stdout } = await promisify(execFile)('sh', ['-c', script, program], { env });
    const shown = stdout.trim().split('\n');
    expect(shown).to.have.length(some.length);
    codes.push(...shown);
  }
  return codes;
}

/** As one word for a shell: none of these arguments has a quotation mark. */
const quoted = (argument: string): string => `'${argument}'`;

function peerFactor({ type, algorithm, period, counter, at }: Case): string[] {
  const totp = `--totp=${algorithm.toLowerCase()}`;
  if (type === 'totp') {
    const now = new Date(at)
      .toISOString()
      .replace('T', ' ')
      .replace(/\.\d+Z/, ' UTC');
    return [totp, `--time-step-size=${period}s`, `--now=${now}`];
  }
  if (algorithm === 'SHA1') return ['--hotp', `--counter=${counter}`];
  // oathtool counts events with SHA-1 only; the same HMAC is that of a second since 1970.
  return [totp, '--time-step-size=1s', `--now=@${counter}`];
}

function told({ serial, type, algorithm, digits, at }: Case, randomSeed: number): string {
  const when = formatTime(at);
  return `${serial} of random seed ${randomSeed}: ${type} ${algorithm} ${digits} digits ${when}`;
}
