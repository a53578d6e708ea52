import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { whatWentWrong } from '../../../emulator/scenario/run.ts';
import { temporaryDirectory } from '../../support/fob-env.ts';
import { runHere } from './labs.ts';
import { readSound, scenarioText } from './reading.ts';

describe('a program that a scenario starts', () => {
  const directory = temporaryDirectory();
  after(() => directory.remove());
  const left = path.join(directory.path, 'left.pid');
  const options = { directory: directory.path, variables: process.env };

  const LEAVING = [
    ['a child that holds its output', `sleep 60 & echo $! > ${left}`],
    ['a child that it waits for', `sleep 60 & echo $! > ${left}; wait`],
    ['itself', `echo $$ > ${left}; sleep 60; true`],
  ] as const;
  for (const [what, text] of LEAVING) {
    it(`is not waited for beyond its time, and leaves nothing: ${what}`, async function () {
      if (process.platform === 'win32') this.skip();
      const steps =
        `  - exec: {program: sh, arguments: ["-c", ${JSON.stringify(text)}], ` +
        'time-limit: 1s}\n';
      const result = await runHere(readSound(scenarioText(steps)), options);
      const [step] = result.steps;
      expect(step && whatWentWrong(result, step)).to.match(/sh did not end within 1000 ms/);
      const pid = Number(readFileSync(left, 'utf8'));
      expect(await hasEnded(pid), `${pid} has ended`).to.equal(true);
    }).timeout(15_000);
  }
});

/** Within five seconds: whoever adopts a killed process is told of its end a moment later. */
async function hasEnded(pid: number): Promise<boolean> {
  for (let looks = 0; looks < 500; looks += 1) {
    const state = existsSync(`/proc/${pid}/stat`) ? readFileSync(`/proc/${pid}/stat`, 'utf8') : '';
    if (/\) Z /.test(state)) return true;
    try {
      process.kill(pid, 0);
    } catch {
      return true;
    }
    await pause(10);
  }
  return false;
}
