import { readFileSync } from 'node:fs';

/**
 * Loaded into a server before its program: on SIGUSR2 it says on standard error how long the event
 * loop was held at most since the last time, in milliseconds. Time in which the thread could run
 * and was given no core, because other programs had them, is not counted: it says nothing of this
 * one (Documentation/scheduler/sched-stats.rst of Linux).
 */
const EVERY_MILLIS = 1;

/** How long the main thread has waited for a core, in milliseconds. */
function waited(): number {
  const [, waitNanos] = readFileSync('/proc/self/schedstat', 'utf8').split(' ');
  return Number(waitNanos) / 1e6;
}

let last = { at: performance.now(), waited: waited() };
let longest = 0;
setInterval(() => {
  const now = { at: performance.now(), waited: waited() };
  const held = now.at - last.at - (now.waited - last.waited) - EVERY_MILLIS;
  longest = Math.max(longest, held);
  last = now;
}, EVERY_MILLIS).unref();

process.on('SIGUSR2', () => {
  process.stderr.write(`stall ${longest.toFixed(1)}\n`);
  longest = 0;
});
