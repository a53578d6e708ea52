import { makePlan } from './plan.ts';
import { livePlan } from './run.ts';

/** The plan as a process of its own, to be killed: it says each day that it begins. */

const [directory = '', accounts = '', seed = ''] = process.argv.slice(2);
const { differences } = await livePlan(makePlan(Number(accounts), Number(seed)), directory, (day) =>
  process.stdout.write(`day ${day}\n`),
);
// Refusals before a kill are told by nobody: the parent compares what lies in the store.
const kept = differences.filter((text) => !text.startsWith('refused:'));
process.stdout.write(`done ${kept.length}\n`);
