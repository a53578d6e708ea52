import { benchAudit } from './audit.ts';
import { benchDevice } from './device.ts';
import { benchFobStartup } from './fob-startup.ts';
import { benchFobdStartup } from './fobd-startup.ts';
import { benchImport } from './import.ts';
import { benchPrediction } from './prediction.ts';
import { benchRadius } from './radius.ts';
import { benchScan } from './scan.ts';
import { benchStore } from './store.ts';
import { benchTiming } from './timing.ts';
import { benchVerify } from './verify.ts';

/** `npm run bench [-- NAME]`: prints figures; asserts nothing. */
const BENCHMARKS = {
  audit: benchAudit,
  device: benchDevice,
  'fob-startup': benchFobStartup,
  'fobd-startup': benchFobdStartup,
  import: benchImport,
  prediction: benchPrediction,
  radius: benchRadius,
  scan: benchScan,
  store: benchStore,
  timing: benchTiming,
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
