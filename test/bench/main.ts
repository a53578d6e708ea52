import { benchDevice } from './device.ts';
import { benchFobStartup } from './fob-startup.ts';
import { benchPrediction } from './prediction.ts';
import { benchStore } from './store.ts';
import { benchVerify } from './verify.ts';

/** `npm run bench [-- NAME]`: prints figures; asserts nothing. */
const BENCHMARKS = {
  device: benchDevice,
  'fob-startup': benchFobStartup,
  prediction: benchPrediction,
  store: benchStore,
  verify: benchVerify,
};

const write = (text: string) => process.stdout.write(text);
const [chosen] = process.argv.slice(2);
if (chosen !== undefined && !Object.hasOwn(BENCHMARKS, chosen)) {
  throw new Error(`there is no benchmark ${chosen}: ${Object.keys(BENCHMARKS).join(', ')}`);
}
for (const [name, bench] of Object.entries(BENCHMARKS)) {
  if (chosen !== undefined && chosen !== name) continue;
  write(`\n## ${name}\n\n`);
  await bench(write);
}
