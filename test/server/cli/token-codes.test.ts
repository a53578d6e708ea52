import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import { createOtp } from '../../../shared/otp.ts';
import { parseSeed } from '../../../shared/types.ts';
import { fobd } from '../../support/fobd-in-process.ts';
import { temporaryDirectory } from '../../support/fobd-process.ts';
import { nodeCrypto } from '../../support/node-crypto.ts';

const SEED_HEX = '3132333435363738393031323334353637383930';
const otp = createOtp(nodeCrypto);
const eventCode = (counter: number): string => {
  const seed = parseSeed(Buffer.from(SEED_HEX, 'hex'));
  if (seed === undefined) throw new Error('a fit seed');
  return otp.code(seed, counter, { algorithm: 'SHA1', digits: 6 });
};
const pair = (counter: number): string => `${eventCode(counter)}\n${eventCode(counter + 1)}\n`;
const WRONG = '111111\n222222\n';

describe('fobd token, with codes', function () {
  this.timeout(60_000);
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let data: string;

  before(async () => {
    directory = await temporaryDirectory();
    data = path.join(directory.place, 'data');
    expect((await fobd(['init', '--data', data])).code).to.equal(0);
    const rows = ['OLD', 'NEW', 'NOBODYS', 'SPENT'].map((name) => `${name},${SEED_HEX},SHA1,6,0,`);
    const named = `JENNYS,${SEED_HEX},SHA1,6,0,jennifer`;
    const csv = ['serial,seed,algorithm,digits,counter,account', ...rows, named, ''].join('\n');
    const file = path.join(directory.place, 'tokens.csv');
    await writeFile(file, csv);
    expect((await fobd(['account', 'add', 'jennifer', '--data', data])).code).to.equal(0);
    const { code, stderr } = await fobd(['seed-file', 'import', file, '--data', data]);
    expect(code, stderr).to.equal(0);
    for (const serial of ['OLD', 'SPENT']) {
      expect((await run(['register', serial, '--account', 'jennifer'], pair(0))).code).to.equal(0);
    }
  });
  after(() => directory.remove());

  const run = (args: readonly string[], input = '', isTerminal = false) =>
    fobd(['token', ...args, '--data', data], { input, isTerminal });
  const show = async (serial: string) => {
    const { stdout } = await run(['show', serial, '--json']);
    return (JSON.parse(stdout) as { token: Readonly<Record<string, unknown>> }).token;
  };

  it('asks for each code at a terminal, naming the token, and never in a script', async () => {
    const asked = await run(['resync', 'OLD'], pair(20), true);
    expect(asked.code, asked.stderr).to.equal(0);
    expect(asked.stderr).to.match(/^Press the button of token OLD [\s\S]*First code: Now wait /);
    expect(asked.stderr).to.match(/The code after it: $/);
    expect(asked.stdout).to.contain('OLD').and.not.to.contain('code: ');
    const silent = await run(['resync', 'OLD'], pair(30));
    expect(silent.code).to.equal(0);
    expect(silent.stderr).to.equal('');
  });

  it('asks for the codes of the new token when one is replaced', async () => {
    const refused = await run(['replace', 'OLD', '--with', 'NEW'], WRONG, true);
    expect(refused.code).to.equal(1);
    expect(refused.stderr).to.contain('token NEW').and.not.to.contain('OLD');
    expect(refused.stderr).to.contain('wrongCode: ').and.to.contain('Try again with two new');
    expect(await show('OLD')).to.include({ life: 'registered' });
    const reason = ['--reason', 'left in a train'];
    const { code, stderr } = await run(['replace', 'OLD', '--with', 'NEW', ...reason], pair(0));
    expect(code, stderr).to.equal(0);
    expect(await show('OLD')).to.include({ life: 'revoked' });
    expect(await show('NEW')).to.include({ life: 'registered', account: 'jennifer' });
  });

  it('says after each failed pair what to do next, to the end of the budget', async () => {
    for (let n = 0; n < 5; n += 1) {
      const { code, stdout, stderr } = await run(['resync', 'SPENT'], WRONG);
      expect(code).to.equal(1);
      expect(stdout).to.equal('');
      expect(stderr).to.contain('wrongCode: ').and.to.contain('Try again with two new numbers');
      if (n < 4) expect(stderr).to.contain('counts its presses').and.not.to.contain('unlock');
      else expect(stderr).to.contain('fobd token unlock SPENT');
    }
    const spent = await run(['resync', 'SPENT'], pair(40));
    expect(spent.stderr).to.contain('locked: ').and.to.contain('fobd token unlock SPENT');
    const inJson = await run(['resync', 'SPENT', '--json'], pair(40));
    expect(JSON.parse(inJson.stdout)).to.include({ outcome: 'locked' });
    expect((await run(['unlock', 'SPENT'])).code).to.equal(0);
    expect((await run(['resync', 'SPENT'], pair(40))).code).to.equal(0);
    await run(['lost', 'SPENT']);
    const lost = await run(['resync', 'SPENT'], pair(60));
    expect(lost.stderr).to.contain('lost: ').and.to.contain('fobd token replace SPENT --with NEW');
    expect((await run(['found', 'SPENT'])).code).to.equal(0);
  });

  it('registers to whom the seed file names, and asks for no code else', async () => {
    const nobody = await run(['register', 'NOBODYS'], pair(0), true);
    expect(nobody.code).to.equal(2);
    expect(nobody.stderr).to.contain('--account').and.not.to.contain('First code');
    const { code, stderr } = await run(['register', 'JENNYS'], pair(0));
    expect(code, stderr).to.equal(0);
    expect(await show('JENNYS')).to.include({ life: 'registered', account: 'jennifer' });
  });

  it('explains a token and an account in sentences, and what two codes would fit', async () => {
    const told = await run(['explain', 'JENNYS']);
    expect(told.code, told.stderr).to.equal(0);
    expect(told.stdout).to.match(/^Token JENNYS: .+\.\n {2}.+\.\n/);
    const fitting = await run(['explain', 'JENNYS', '--codes'], pair(70));
    expect(fitting.code, fitting.stderr).to.equal(0);
    expect(fitting.stdout).to.contain('Nothing was accepted; 4 more pairs');
    expect(fitting.stdout).to.contain('71').and.not.to.contain(eventCode(70));
    const nothing = await run(['explain', 'JENNYS', '--codes'], WRONG);
    expect(nothing.stdout).to.contain('fit nothing known').and.to.contain('3 more pairs');
    const { stdout } = await run(['explain', 'JENNYS', '--json']);
    expect(JSON.parse(stdout)).to.include({ serial: 'JENNYS', pairsLeft: 3 });
    const account = await run(['explain', '--account', 'jennifer']);
    expect(account.stdout).to.contain('Account jennifer has ').and.to.contain('JENNYS');
    expect((await run(['explain', 'NONE'])).stderr).to.contain('[notFound]');
  });
});
