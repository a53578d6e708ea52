import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { fobd } from '../../support/fobd-in-process.ts';

describe('fobd phone', () => {
  let data: string;

  before(async () => {
    data = path.join(mkdtempSync(path.join(tmpdir(), 'fobd-phone-')), 'data');
    expect((await fobd(['init', '--data', data, '--lab'])).code).to.equal(0);
    expect((await fobd(['account', 'add', 'jennifer', '--data', data])).code).to.equal(0);
  });
  after(() => rmSync(path.dirname(data), { recursive: true }));

  it('lists an account’s phones, and says what must come before the first', async () => {
    const list = await fobd(['phone', 'list', 'jennifer', '--data', data]);
    expect(list).to.include({ code: 0, stdout: 'No phones.\n' });
    const args = ['phone', 'add', 'jennifer', '(202) 555-0123', '--country', 'US'];
    const added = await fobd([...args, '--data', data]);
    expect(added.code).to.equal(1);
    expect(added.stderr).to.contain('No credential of this account comes with phones.');
    expect(added.stderr).to.contain('license key');
  });

  it('shows what a lab has captured', async () => {
    const texts = await fobd(['lab', 'texts', '--data', data, '--json']);
    expect(texts.code).to.equal(0);
    expect(JSON.parse(texts.stdout)).to.deep.equal({ items: [], nextCursor: null });
  });

  for (const [what, args] of [
    ['a phone that is no id', ['send', 'jennifer', 'x']],
    ['a number without its country', ['add', 'jennifer', '2025550123']],
    ['a code that is none', ['verify', 'jennifer', '0123456789abcdef', '12']],
  ] as const) {
    it(`takes ${what} for a mistake in the line`, async () => {
      expect((await fobd(['phone', ...args, '--data', data])).code).to.equal(2);
    });
  }

  it('knows no phone that there is not', async () => {
    const args = ['phone', 'remove', 'jennifer', '0123456789abcdef', '--data', data];
    const removed = await fobd(args);
    expect(removed.code).to.equal(1);
    expect(removed.stderr).to.contain('The account has no such phone.');
  });
});
