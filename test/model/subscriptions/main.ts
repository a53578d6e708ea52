import { makeTemporary } from '../../server/store/temporary.ts';
import { makePlan } from './plan.ts';
import { livePlan } from './run.ts';

/**
 * Two years of so many accounts, and what they come to:
 * `node --import tsx test/model/subscriptions/main.ts [ACCOUNTS [SEED]]`.
 */

const [accounts = '1000', seed = '1'] = process.argv.slice(2);
const { directory, remove } = await makeTemporary();
const began = Date.now();
const run = await livePlan(makePlan(Number(accounts), Number(seed)), `${directory}/store`);
await remove();
const seconds = ((Date.now() - began) / 1000).toFixed(1);
process.stdout.write(
  `${JSON.stringify({ accounts: Number(accounts), seed: Number(seed), ...run.figures })}\n` +
    `${run.processorSeconds.toFixed(1)} s of processor time, ${seconds} s on the wall\n` +
    `${run.differences.length} differences from the naive model\n`,
);
for (const difference of run.differences.slice(0, 20)) process.stdout.write(`${difference}\n`);
process.exitCode = run.differences.length === 0 ? 0 : 1;
