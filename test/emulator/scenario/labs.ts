import { connectFobd, type Fobd } from '../../../emulator/scenario/fobd.ts';
import { type Lab, startLab } from '../../../emulator/scenario/lab.ts';
import {
  needsFobd,
  type RunOptions,
  runScenario,
  type ScenarioResult,
  SIMULATED_START,
} from '../../../emulator/scenario/run.ts';
import type { Scenario } from '../../../emulator/scenario/scenario.ts';
import { createClient } from '../../../shared/client/client.ts';
import { createOtp } from '../../../shared/otp.ts';
import { TEST_NOW } from '../../support/fob-env.ts';
import { nodeCrypto } from '../../support/node-crypto.ts';
import { builtPrograms } from '../../support/programs.ts';

/** A lab of a test's own; its clock stands just before simulated time begins. */
export async function testLab(): Promise<Lab> {
  const { fobd } = await builtPrograms();
  const variables = process.env;
  const args = [fobd];
  return startLab({ fobd: { file: process.execPath, args, variables }, startAt: SIMULATED_START });
}

export function connected({ address, apiKey }: Lab): Promise<Fobd> {
  const client = createClient({ baseUrl: address, fetch, apiKey });
  return connectFobd({ client, clock: 'simulated', now: TEST_NOW, startAt: SIMULATED_START });
}

/** Runs a scenario; `lab` is asked where it submits. Nothing waits: a pause is an error. */
export async function runHere(
  scenario: Scenario,
  { lab, ...options }: Partial<RunOptions> & { readonly lab?: Lab } = {},
): Promise<ScenarioResult> {
  const fobd = lab !== undefined && needsFobd(scenario) ? await connected(lab) : undefined;
  return runScenario(scenario, {
    deviceEnv: { otp: createOtp(nodeCrypto) },
    fobd,
    clock: { now: () => TEST_NOW },
    pause: () => Promise.reject(new Error('a simulated scenario waits for nobody')),
    directory: '/nowhere',
    variables: process.env,
    allowRemote: false,
    signal: new AbortController().signal,
    ...options,
  });
}
