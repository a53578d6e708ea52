import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import { formatCsv } from '../../../shared/seed-files/csv-format.ts';
import type { UnixMillis } from '../../../shared/types.ts';
import { fobd } from '../../support/fobd-in-process.ts';
import { temporaryDirectory } from '../../support/fobd-process.ts';
import { START, STEP_MILLIS, timeCode, timeEntry } from '../http/served.ts';

describe('fobd helpdesk', function () {
  this.timeout(60_000);
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let data: string;
  const clock = { at: START as number, now: () => clock.at as UnixMillis };
  const code = () => timeCode('FT00000001', clock.at);

  const run = async (argv: readonly string[], input = '') => {
    const ran = await fobd([...argv, '--data', data], { input, clock });
    return ran;
  };
  const done = async (argv: readonly string[], input = '') => {
    const { code: exit, stdout, stderr } = await run(argv, input);
    expect(exit, stderr).to.equal(0);
    return stdout;
  };
  const check = async () => {
    const stdout = await done(['helpdesk', 'check', 'jennifer', '--json'], code());
    clock.at += STEP_MILLIS;
    return (JSON.parse(stdout) as { readonly check: { readonly id: string } }).check.id;
  };

  before(async () => {
    directory = await temporaryDirectory();
    data = path.join(directory.place, 'data');
    const file = path.join(directory.place, 'tokens.csv');
    await writeFile(file, formatCsv([timeEntry('FT00000001')]));
    await done(['init']);
    await done(['account', 'add', 'jennifer']);
    await done(['seed-file', 'import', file]);
    const first = code();
    clock.at += STEP_MILLIS;
    const register = ['token', 'register', 'FT00000001', '--account', 'jennifer'];
    await done(register, `${first}\n${code()}\n`);
    clock.at += STEP_MILLIS;
  });
  after(() => directory.remove());

  it('checks a caller by a code from standard input, and gives a temporary code', async () => {
    const id = await check();
    const give = ['helpdesk', 'temporary-code', 'jennifer', '--check', id, '--reason', 'forgotten'];
    const stdout = await done([...give, '--life', '2h', '--strength', 'mobileId', '--uses', '3']);
    expect(stdout).to.match(/Tell the caller, this once:\n\n {2}\d{8}\n\nIt .*, 3 times/);
    const again = await run(give);
    expect(again.code).to.equal(1);
    expect(again.stderr).to.include('[callerCheckRequired]').and.include('fobd helpdesk check');
  });

  it('refuses a wrong code, an unknown number, and an action without grounds', async () => {
    const wrong = await run(['helpdesk', 'check', 'jennifer'], '900001');
    expect(wrong.code).to.equal(1);
    expect(wrong.stderr).to.include('wrongCode');
    const number = ['helpdesk', 'check', 'jennifer', '--phone', '+12025550123'];
    expect((await run(number)).stderr).to.include('[notAllowedNow]');
    expect(await done(['helpdesk', 'numbers', 'jennifer'])).to.include('No numbers.');
    expect((await run(['helpdesk', 'temporary-code', 'jennifer'])).code).to.equal(2);
    expect((await run(['helpdesk', 'check', 'jennifer'])).code).to.equal(2);
  });

  it('unlocks on a check, asks for approvals and lists them', async () => {
    clock.at += 10 * STEP_MILLIS;
    const id = await check();
    const why = ['--check', id, '--reason', 'locked himself'];
    const FOR = ['--serial', 'FT00000001'];
    const asked = await done(['helpdesk', 'ask', 'jennifer', '--action', 'unlock', ...why, ...FOR]);
    const approval = /approvals\/([0-9a-f]{16})\/approve/.exec(asked)?.[1] ?? '';
    const own = await run(['helpdesk', 'approve', approval]);
    expect(own.stderr).to.include('[forbidden]');
    expect(await done(['helpdesk', 'approvals'])).to.match(
      new RegExp(`${approval} +jennifer +unlock +FT00000001 +localOwner +- +- +locked himself`),
    );
    expect(await done(['token', 'unlock', 'FT00000001', ...why])).to.include('FT00000001');
  });

  it('takes no check of a caller again that may have been used since a backup', async () => {
    clock.at += 10 * STEP_MILLIS;
    const id = await check();
    const file = path.join(directory.place, 'backup');
    await done(['backup', '--output', file]);
    const where = path.join(directory.place, 'restored');
    const key = path.join(data, 'master.key');
    const to = ['--data', where, '--master-key-file', key];
    const restored = await fobd(['restore', file, ...to], { clock });
    expect(restored.code, restored.stderr).to.equal(0);
    const give = ['helpdesk', 'temporary-code', 'jennifer', '--check', id, '--reason', 'forgotten'];
    const refused = await fobd([...give, ...to], { clock });
    expect(refused.stderr).to.include('[callerCheckRequired]');
    // Where nothing was lost it is good all the same.
    await done(give);
  });
});
