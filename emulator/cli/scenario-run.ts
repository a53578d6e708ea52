import { writeFile } from 'node:fs/promises';
import { type Client, createClient } from '../../shared/client/client.ts';
import { FobtwinError } from '../../shared/errors.ts';
import { formatTime } from '../../shared/time.ts';
import { connectFobd, type Fobd, isLab } from '../scenario/fobd.ts';
import { type Lab, startLab } from '../scenario/lab.ts';
import { lintScenario } from '../scenario/lint.ts';
import { refusalText } from '../scenario/refusal.ts';
import { formatReport, type ReportFormat, reportJson } from '../scenario/report.ts';
import {
  needsFobd,
  runScenario,
  type ScenarioResult,
  SIMULATED_START,
  type StepResult,
  stepTitle,
  whatWentWrong,
} from '../scenario/run.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { fobdProgram } from '../scenario/shipped.ts';
import { usageError } from './arguments.ts';
import { deviceEnv } from './device-env.ts';
import type { CliEnv, ExitCode } from './env.ts';
import { printJson } from './output.ts';
import { createProgress } from './progress.ts';
import type { ScenarioFile } from './scenario-files.ts';

export interface RunScenariosOptions {
  /** A fobd that runs already; absent: each scenario that submits gets a lab of its own. */
  readonly fobdUrl: string | undefined;
  readonly report: ReportFormat | undefined;
  /** The report's file; absent: standard output. */
  readonly output: string | undefined;
  readonly json: boolean;
  readonly verbose: boolean;
  readonly allowRemote: boolean;
}

/** Runs sound scenarios one after the other, whatever becomes of those before. */
export async function runScenarios(
  files: readonly ScenarioFile[],
  env: CliEnv,
  options: RunScenariosOptions,
): Promise<ExitCode> {
  await refuseMovedClocks(files, env, options);
  const signal = env.interruption();
  const toProgram = options.json || (options.report !== undefined && options.output === undefined);
  const progress = createProgress(env, { total: files.length, json: toProgram || options.verbose });
  const results: ScenarioResult[] = [];
  for (const [index, file] of files.entries()) {
    progress.show(index);
    const result = await runOne(file, env, { ...options, signal, toProgram });
    results.push(result);
    progress.clear();
    if (!toProgram) sayResult(result, env);
  }
  await giveReport(results, env, options);
  if (!toProgram && files.length > 1) {
    const passed = results.filter(({ verdict }) => verdict === 'passed').length;
    env.stdout.write(`${passed} of ${results.length} passed\n`);
  }
  return exitCodeOf(results);
}

/** A fobd that is no lab is found before the first step: if one is refused, nothing has run. */
async function refuseMovedClocks(
  files: readonly ScenarioFile[],
  env: CliEnv,
  { fobdUrl }: RunScenariosOptions,
): Promise<void> {
  const moving = files.flatMap(({ scenario }) =>
    scenario?.clock === 'simulated' && needsFobd(scenario) ? [scenario] : [],
  );
  if (fobdUrl === undefined || moving.length === 0) return;
  if (await isLab(clientOf(fobdUrl, env))) return;
  for (const scenario of moving) withRealClock(scenario);
}

function clientOf(fobdUrl: string, env: CliEnv): Client {
  return createClient({ baseUrl: fobdUrl.replace(/\/+$/, ''), fetch, apiKey: apiKeyOf(env) });
}

interface RunOneOptions extends RunScenariosOptions {
  readonly signal: AbortSignal;
  readonly toProgram: boolean;
}

async function runOne(
  { scenario, directory }: ScenarioFile,
  env: CliEnv,
  options: RunOneOptions,
): Promise<ScenarioResult> {
  if (scenario === undefined) throw new FobtwinError('internal', 'A refused scenario is not run');
  // Once it was stopped, no lab is started to find that out.
  const { lab, fobd } = options.signal.aborted ? {} : await fobdFor(scenario, env, options);
  try {
    const { verbose, toProgram, allowRemote, signal } = options;
    return await runScenario(asItsFobd(scenario, fobd), {
      deviceEnv,
      fobd,
      clock: env.clock,
      pause: env.pause,
      directory,
      variables: env.variables,
      allowRemote,
      signal,
      onStep: (result) => {
        if (verbose && !toProgram) env.stdout.write(`${stepLine(result)}\n`);
      },
    });
  } finally {
    await lab?.close();
  }
}

async function fobdFor(
  scenario: Scenario,
  env: CliEnv,
  { fobdUrl }: RunScenariosOptions,
): Promise<{ readonly lab?: Lab; readonly fobd?: Fobd }> {
  if (!needsFobd(scenario)) return {};
  const isReal = scenario.clock === 'real';
  const startAt = isReal ? env.clock.now() : SIMULATED_START;
  const connect = (client: Client) =>
    connectFobd({ client, clock: scenario.clock, now: env.clock.now(), startAt });
  if (fobdUrl !== undefined) return { fobd: await connect(clientOf(fobdUrl, env)) };
  const fobd = {
    file: process.execPath,
    args: [...process.execArgv, fobdProgram()],
    variables: env.variables,
  };
  const lab = await startLab({ fobd, ...(isReal ? {} : { startAt }) });
  try {
    const { address, apiKey } = lab;
    return { lab, fobd: await connect(createClient({ baseUrl: address, fetch, apiKey })) };
  } catch (error) {
    await lab.close();
    throw error;
  }
}

function apiKeyOf({ variables }: CliEnv): string {
  const apiKey = variables['FOB_API_KEY'] ?? '';
  if (apiKey !== '') return apiKey;
  throw usageError(
    '--fobd needs an API key',
    "Put it into the variable FOB_API_KEY: a lab's administrator's, or one that may import tokens.",
  );
}

/** Against a fobd that is no lab, the time is the computer's, and no step may move it. */
function asItsFobd(scenario: Scenario, fobd: Fobd | undefined): Scenario {
  if (fobd === undefined || fobd.clock === 'lab' || scenario.clock === 'real') return scenario;
  return withRealClock(scenario);
}

/** @throws FobtwinError `usage` naming the first step that moves it */
function withRealClock(scenario: Scenario): Scenario {
  const real = { ...scenario, clock: 'real' } as const;
  const [refusal] = lintScenario(real);
  if (refusal === undefined) return real;
  const nextStep = refusal.nextStep === undefined ? {} : { nextStep: refusal.nextStep };
  throw new FobtwinError('usage', refusalText(scenario.file, refusal), nextStep);
}

function sayResult(result: ScenarioResult, { stdout, stderr }: CliEnv): void {
  const { scenario, verdict, steps } = result;
  stdout.write(
    `${verdict === 'passed' ? 'passed' : 'FAILED'}  ${scenario.file}: ${scenario.name}\n`,
  );
  for (const step of steps) {
    if (step.verdict !== 'failed' && step.verdict !== 'broken') continue;
    stderr.write(`${whatWentWrong(result, step)}\n`);
    if (step.error?.nextStep !== undefined) stderr.write(`  ${step.error.nextStep}\n`);
  }
}

const SIGNS = { passed: 'ok', failed: 'FAILED', broken: 'BROKEN', skipped: 'skipped' } as const;

function stepLine({ step, verdict, at }: StepResult): string {
  return `  ${formatTime(at)}  ${SIGNS[verdict].padEnd(7)}  ${stepTitle(step)}`;
}

async function giveReport(
  results: readonly ScenarioResult[],
  env: CliEnv,
  { report, output, json }: RunScenariosOptions,
): Promise<void> {
  if (json) printJson(env, reportJson(results));
  if (report === undefined) return;
  const text = formatReport(results, report);
  if (output === undefined) {
    env.stdout.write(text);
    return;
  }
  try {
    await writeFile(output, text);
  } catch (error) {
    throw new FobtwinError('fileUnwritable', `The report cannot be written to ${output}`, {
      cause: error,
    });
  }
}

/** An expectation that failed weighs more than a step that could not be done. */
function exitCodeOf(results: readonly ScenarioResult[]): ExitCode {
  if (results.some(({ verdict }) => verdict === 'failed')) return 42;
  return results.some(({ verdict }) => verdict === 'broken') ? 1 : 0;
}
