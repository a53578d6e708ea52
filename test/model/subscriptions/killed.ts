import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { seededUniform } from '../../support/seeded-uniform.ts';
import { DAYS, type Plan } from './plan.ts';

/** The plan as a process of its own, killed again and again on its way. */

const ENTRY = path.join(path.dirname(fileURLToPath(import.meta.url)), 'process.ts');
/** A day takes about so long: a kill falls anywhere in it. */
const DAY_MILLIS = 8;

/** @returns the days that were killed in */
export async function liveKilled(
  { lives, seed }: Plan,
  directory: string,
  kills: number,
): Promise<readonly number[]> {
  const uniform = seededUniform(seed);
  const killedOn: number[] = [];
  for (let kill = 0; kill <= kills; kill += 1) {
    // Evenly over the two years, so that purchases, renewals and revocations are all met.
    const until = kill === kills ? DAYS : Math.floor(((kill + uniform()) / (kills + 1)) * DAYS);
    const args = ['--import', 'tsx', ENTRY, directory, String(lives.length), String(seed)];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors += text;
    });
    const ended = once(child, 'close');
    let last = '';
    for await (const line of createInterface({ input: child.stdout })) {
      last = line;
      if (kill === kills || Number(line.replace('day ', '')) < until || child.killed) continue;
      killedOn.push(Number(line.replace('day ', '')));
      setTimeout(() => child.kill('SIGKILL'), uniform() * DAY_MILLIS);
      break;
    }
    await ended;
    if (kill < kills && child.signalCode !== 'SIGKILL') throw new Error(`not killed: ${errors}`);
    if (kill === kills && last !== 'done 0') throw new Error(`not done: ${last} ${errors}`);
  }
  return killedOn;
}
