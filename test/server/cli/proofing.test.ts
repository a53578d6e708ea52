import path from 'node:path';
import { expect } from 'chai';
import { fobd } from '../../support/fobd-in-process.ts';
import { temporaryDirectory } from '../../support/fobd-process.ts';

describe('fobd proofing', function () {
  this.timeout(60_000);
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let data: string;

  before(async () => {
    directory = await temporaryDirectory();
    data = path.join(directory.place, 'data');
    expect((await fobd(['init', '--data', data])).code).to.equal(0);
    expect((await fobd(['account', 'add', 'jen', '--data', data])).code).to.equal(0);
  });
  after(() => directory.remove());

  const run = (argv: readonly string[], input = '') =>
    fobd(['proofing', ...argv, '--data', data], { input });

  it('lists none where none was begun', async () => {
    expect((await run(['list'])).stdout).to.equal('No proofings.\n');
    expect(
      JSON.parse((await run(['list', '--state', 'requested', '--json'])).stdout),
    ).to.deep.equal({
      items: [],
      nextCursor: null,
    });
  });

  const OF = ['jen', 'SO-10001-1-1'] as const;
  const MISSING: readonly (readonly [string, readonly string[], string?])[] = [
    ['show', OF],
    ['profile', [...OF, '--legal-name', 'Jennifer Blue', '--country', 'US']],
    ['questions', OF],
    ['answer', OF, 'q1=c2\nq2 = c4\n'],
    ['video', OF],
    ['schedule', ['SO-10001-1-1', '--at', new Date().toISOString()]],
    ['decide', ['SO-10001-1-1', '--passed']],
    ['decide', ['SO-10001-1-1', '--failed', '--note', 'Nobody came.']],
    ['reissue-code', ['SO-10001-1-1']],
  ];
  for (const [verb, argv, input] of MISSING) {
    const what = [verb, ...argv.filter((each) => each.startsWith('--'))].join(' ');
    it(`asks fobd to ${what}, which knows of no such proofing`, async () => {
      const { code, stderr } = await run([verb, ...argv], input);
      expect(code, stderr).to.equal(1);
      expect(stderr).to.match(/no identity proofing of this subscription/);
    });
  }

  const WRONG: readonly (readonly [string, readonly string[], RegExp, string?])[] = [
    ['no subscription', ['show', 'jen', 'SO-1'], /is not a subscription/],
    ['no account', ['show', 'j en', OF[1]], /is not an account id/],
    ['no verdict', ['decide', OF[1]], /Say --passed or --failed/],
    [
      'two verdicts',
      ['decide', OF[1], '--passed', '--failed'],
      /exclude each other|mutually exclusive/,
    ],
    ['no time', ['schedule', OF[1], '--at', 'tomorrow'], /--at is a time in UTC/],
    ['no answers', ['answer', ...OF], /Answers are needed/],
    ['an answer twice', ['answer', ...OF], /each question once/, 'q1=c1\nq1=c2\n'],
    ['answers in words', ['answer', ...OF], /Answers are needed/, 'Alder Street\n'],
    ['a state that is none', ['list', '--state', 'done'], /state/],
  ];
  for (const [what, argv, message, input] of WRONG) {
    it(`is a usage error with ${what}, which is not repeated`, async () => {
      const { code, stderr } = await run(argv, input);
      expect(code).to.equal(2);
      expect(stderr).to.match(message).and.not.include('Alder Street');
    });
  }
});

describe('fobd lab proofing-provider', () => {
  it('needs a key that can be read', async () => {
    const argv = ['lab', 'proofing-provider', '--key-file', '/nowhere/proofing.key'];
    const { code, stderr } = await fobd(argv);
    expect(code).to.equal(2);
    expect(stderr)
      .to.match(/cannot be read/)
      .and.match(/openssl rand -hex 32/);
  });
});
