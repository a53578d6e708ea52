import { SEGMENTS } from '../../firmware-spec/display.ts';
import type { Reading } from '../device/types.ts';
import { codeOf } from './codes.ts';
import type { ArgumentOf } from './commands.ts';
import { type Checked, isMismatch, type Mismatch, shown } from './mismatch.ts';
import type { World } from './world.ts';

/** What a scenario expects of a token and of fobd, held against what is there. */

export async function expectDisplay(
  expected: ArgumentOf<'expect-display'>,
  part: string,
  world: World,
): Promise<Checked> {
  const reading = world.reading(part);
  const seen = `${shown(reading.display)} (${reading.state})`;
  if (expected.text !== undefined) {
    return unless(reading.display === expected.text, shown(expected.text), seen);
  }
  if (expected.matches !== undefined) {
    const fits = new RegExp(expected.matches, 'u').test(reading.display);
    return unless(fits, `what matches ${expected.matches}`, seen);
  }
  if (expected['of-seed'] !== undefined) return expectOfSeed(expected['of-seed'], reading);
  return expectCode(expected, part, world);
}

/** Does the display show what the seed gives? A code that is misread, or none, is not. */
function expectOfSeed(wanted: boolean, { code, display, state }: Reading): Checked {
  const is = code !== null && display === code;
  const what = wanted ? "the seed's code" : "anything but the seed's code";
  const given = code === null ? 'none' : shown(code);
  return unless(is === wanted, what, `${shown(display)} (${state}); the seed gives ${given}`);
}

async function expectCode(
  { code, 'code-not': codeNot }: ArgumentOf<'expect-display'>,
  part: string,
  world: World,
): Promise<Checked> {
  const expression = code ?? codeNot;
  if (expression === undefined) return undefined;
  const wanted = await codeOf(expression, part, world);
  if (isMismatch(wanted)) return wanted;
  const { display } = world.reading(part);
  return code === undefined
    ? unless(display !== wanted, `anything but ${shown(wanted)}`, shown(display))
    : unless(display === wanted, shown(wanted), shown(display));
}

export function expectSegments(
  expected: ArgumentOf<'expect-segments'>,
  { frame }: Reading,
): Checked {
  const { cells, lit, marks, icons, rotated } = expected;
  const atLeast = expected['contrast-at-least'];
  const atMost = expected['contrast-at-most'];
  const seenCells = frame.cells.map(lettersOf);
  const wantedCells = cells?.map((letters) => [...letters].sort().join(''));
  return first(
    lit === undefined ? undefined : equal('lit', lit, frame.lit),
    wantedCells && equal('cells', listed(wantedCells), listed(seenCells)),
    marks === undefined ? undefined : equal('marks', marks, frame.marks),
    icons && equal('icons', listed([...icons].sort()), listed([...frame.icons].sort())),
    rotated === undefined ? undefined : equal('rotated', rotated, frame.rotated),
    atLeast === undefined
      ? undefined
      : unless(frame.contrast >= atLeast, `contrast at least ${atLeast}`, `${frame.contrast}`),
    atMost === undefined
      ? undefined
      : unless(frame.contrast <= atMost, `contrast at most ${atMost}`, `${frame.contrast}`),
  );
}

export function expectState(
  expected: ArgumentOf<'expect-state'>,
  part: string,
  world: World,
): Checked {
  const device = world.device(part);
  const { state } = world.reading(part);
  const offMillis = Math.round(Math.abs(device.state.offsetMillis));
  const { counter, presses, 'device-locked': locked } = expected;
  const atLeast = expected['clock-off-at-least'];
  const atMost = expected['clock-off-at-most'];
  const off = `off by ${offMillis} ms`;
  return first(
    expected.state === undefined ? undefined : equal('state', expected.state, state),
    counter === undefined ? undefined : equal('counter', counter, device.state.counter),
    presses === undefined ? undefined : equal('presses', presses, device.state.presses),
    locked === undefined ? undefined : equal('device-locked', locked, device.state.locked),
    atLeast === undefined
      ? undefined
      : unless(offMillis >= atLeast, `its clock off by at least ${atLeast} ms`, off),
    atMost === undefined
      ? undefined
      : unless(offMillis <= atMost, `its clock off by at most ${atMost} ms`, off),
  );
}

export async function expectOutcome(
  expected: ArgumentOf<'expect-outcome'>,
  world: World,
): Promise<Checked> {
  const { answer: submitted, fobd } = world;
  const { outcome, 'outcome-not': outcomeNot } = expected;
  if (submitted === undefined || fobd === undefined) {
    return { expected: `outcome ${outcome}`, seen: 'no answer: nothing was submitted' };
  }
  const { answer, part } = submitted;
  const waited = expected['retry-after'];
  const seconds = answer.retryAfterSeconds ?? 0;
  const differs = first(
    outcome && equal('outcome', outcome, answer.outcome),
    outcomeNot &&
      unless(answer.outcome !== outcomeNot, `any outcome but ${outcomeNot}`, answer.outcome),
    expected.strength && equal('strength', expected.strength, answer.strength ?? 'none'),
    waited === undefined ? undefined : equal('retry-after', `${waited} ms`, `${seconds * 1000} ms`),
  );
  const { life, holds } = expected;
  if (differs !== undefined || (life === undefined && holds === undefined)) return differs;
  const token = await fobd.token(world.device(part).serial);
  return first(
    life && equal('life', life, token.life),
    holds && equal('holds', listed([...holds].sort()), listed([...token.holds].sort())),
  );
}

function lettersOf(mask: number): string {
  return SEGMENTS.filter((_, bit) => (mask & (1 << bit)) !== 0).join('');
}

const listed = (items: readonly string[]): string =>
  `[${items.map((item) => (item === '' ? '""' : item)).join(', ')}]`;

const first = (...checked: readonly (Checked | '')[]): Checked =>
  checked.find((one) => isMismatch(one)) || undefined;

function equal<T extends string | number | boolean>(what: string, wanted: T, is: T): Checked {
  return unless(wanted === is, `${what} ${wanted}`, `${what} ${is}`);
}

function unless(met: boolean, expected: string, seen: string): Checked {
  return met ? undefined : ({ expected, seen } satisfies Mismatch);
}
