import type { Clock } from '../../shared/clock.ts';
import { FobtwinError } from '../../shared/errors.ts';
import { formatTime, parseTime } from '../../shared/time.ts';
import type { UnixMillis } from '../../shared/types.ts';
import type { DeviceEnv } from '../device/types.ts';
import type { Fobd } from './fobd.ts';
import type { Mismatch } from './mismatch.ts';
import type { Scenario, Step } from './scenario.ts';
import { type Surroundings, takeStep } from './steps.ts';
import { createWorld, type World } from './world.ts';

/** When simulated time begins, unless a lab's clock is later already. */
export const SIMULATED_START = parseTime('2026-01-01T00:00:00Z') as UnixMillis;

/** What became of one step. */
export interface StepResult {
  readonly step: Step;
  readonly verdict: 'passed' | 'failed' | 'broken' | 'skipped';
  /** The scenario's time when the step ended; of a skipped one, when the run did. */
  readonly at: UnixMillis;
  /** Of a failed step: what was expected, and what was seen. */
  readonly mismatch?: Mismatch;
  /** Of a broken one: why it could not be done. */
  readonly error?: { readonly message: string; readonly nextStep?: string };
}

export interface ScenarioResult {
  readonly scenario: Scenario;
  /** `failed`: an expectation was not met. `broken`: a step could not be done. */
  readonly verdict: 'passed' | 'failed' | 'broken';
  readonly startedAt: UnixMillis;
  readonly endedAt: UnixMillis;
  readonly steps: readonly StepResult[];
}

export interface RunOptions extends Surroundings {
  readonly deviceEnv: DeviceEnv;
  /** Needed where a step submits. */
  readonly fobd?: Fobd | undefined;
  readonly clock: Clock;
  readonly pause: (millis: number) => Promise<unknown>;
  /** Told of each step as it ends. */
  readonly onStep?: (result: StepResult) => void;
}

/** Does a scenario talk to a fobd at all? */
export function needsFobd({ steps }: Scenario): boolean {
  return steps.some(({ command }) => command === 'submit');
}

/**
 * Runs a scenario that was read and linted, in order, up to the first step that fails. The same
 * scenario with the same random seed gives the same result, for a simulated clock.
 */
export async function runScenario(
  scenario: Scenario,
  options: RunOptions,
): Promise<ScenarioResult> {
  const { fobd, clock, deviceEnv, pause, onStep = () => undefined } = options;
  const startsAt = fobd?.startsAt ?? SIMULATED_START;
  const startedAt = scenario.clock === 'real' ? clock.now() : startsAt;
  const world = createWorld({ scenario, deviceEnv, fobd, startAt: startedAt, clock, pause });
  const steps: StepResult[] = [];
  let verdict: ScenarioResult['verdict'] = 'passed';
  for (const step of scenario.steps) {
    const result: StepResult =
      verdict === 'passed'
        ? await stepResult(step, world, options)
        : { step, verdict: 'skipped', at: world.now };
    if (result.verdict === 'failed' || result.verdict === 'broken') verdict = result.verdict;
    steps.push(result);
    onStep(result);
  }
  return { scenario, verdict, startedAt, endedAt: world.now, steps };
}

async function stepResult(step: Step, world: World, options: Surroundings): Promise<StepResult> {
  try {
    if (options.signal.aborted) throw new FobtwinError('unavailable', 'The run was stopped');
    await world.catchUp();
    const mismatch = await takeStep(step, world, options);
    const at = world.now;
    return mismatch === undefined
      ? { step, verdict: 'passed', at }
      : { step, verdict: 'failed', at, mismatch };
  } catch (error) {
    if (!(error instanceof FobtwinError)) throw error;
    const { message, nextStep } = error;
    const next = nextStep === undefined ? {} : { nextStep };
    return { step, verdict: 'broken', at: world.now, error: { message, ...next } };
  }
}

/** `step 3 "the display is dark" (expect-display)`. */
export function stepTitle({ number, name, command }: Step): string {
  return `step ${number}${name === undefined ? '' : ` "${name}"`} (${command})`;
}

/** Why a step is not `passed`: where, which, what was expected and seen, and at what time. */
export function whatWentWrong({ scenario }: { readonly scenario: Scenario }, result: StepResult) {
  const { step, at, mismatch, error } = result;
  const where = `${scenario.file}:${step.line}:${step.column}: ${stepTitle(step)}`;
  const when = `at ${formatTime(at)}`;
  if (mismatch !== undefined) {
    return `${where}: expected ${mismatch.expected}, saw ${mismatch.seen}, ${when}`;
  }
  return `${where}: ${error?.message ?? 'not run'}, ${when}`;
}
