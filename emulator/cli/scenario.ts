import { scenarioJsonSchema } from '../scenario/json-schema.ts';
import { refusalText } from '../scenario/refusal.ts';
import { REPORT_FORMATS } from '../scenario/report.ts';
import { CLOCKS, RANDOM_SEED_MAX } from '../scenario/scenario.ts';
import { shippedScenarios } from '../scenario/shipped.ts';
import { type Arguments, usageError } from './arguments.ts';
import type { FobCommand } from './command.ts';
import type { CliEnv, ExitCode } from './env.ts';
import { printJson, printLines } from './output.ts';
import { readScenarioFiles, type ScenarioFile } from './scenario-files.ts';
import { runScenarios } from './scenario-run.ts';

const ACTIONS = ['run', 'lint', 'list', 'schema'] as const;
type Action = (typeof ACTIONS)[number];

export const scenario: FobCommand = {
  positionals: {
    action: { describe: 'run, lint, list or schema: see below', choices: ACTIONS },
    scenarios: {
      describe: 'Files, names of scenarios that come with fob, or all of those',
      optional: true,
      many: true,
    },
  },
  options: {
    fobd: {
      describe:
        'Submit to this fobd, its API key in FOB_API_KEY; a lab of its own is started if not given',
    },
    report: { choices: REPORT_FORMATS, describe: 'Report in this format on standard output' },
    output: { describe: 'Write the report to this file instead' },
    verbose: { flag: true, describe: 'A line for each step' },
    'random-seed': {
      describe: "Make tokens and faults from this number instead of the file's own",
    },
    clock: {
      choices: CLOCKS,
      describe: 'real: the servers keep their own time, and no step may move it',
    },
    'allow-remote': { flag: true, describe: 'Let request steps speak to other computers' },
  },
  conflicts: [['json', 'report']],
  withoutDrawer: true,
  examples: [
    ['scenario list', 'what comes with fob'],
    ['scenario run drift-then-resync --verbose', 'play one, step by step'],
    ['scenario run all --report junit --output report.xml', 'play all, for a CI server'],
    ['scenario lint my.yaml', 'is it sound? Nothing is run'],
    ['scenario schema', 'the format as JSON Schema, for an editor'],
  ],
  notes:
    'A scenario makes its tokens in memory and moves their time; nothing waits, and no drawer is ' +
    'touched. All files are checked whole before the first step runs. Exit codes: 0 all passed, ' +
    '1 a step could not be done, 2 a file was refused, 42 an expectation failed.',
  async run(args, env) {
    const action = ACTIONS.find((name) => name === args.required('action'));
    if (action === undefined) {
      throw usageError(`fob scenario does one of ${ACTIONS.join(', ')}, not what was given`);
    }
    return DO[action](args, env);
  },
};

const DO: Readonly<Record<Action, (args: Arguments, env: CliEnv) => Promise<ExitCode>>> = {
  run,
  lint,
  list,
  async schema(_args, { stdout }) {
    stdout.write(`${JSON.stringify(scenarioJsonSchema(), undefined, 2)}\n`);
    return 0;
  },
};

const REFUSED: ExitCode = 2;

async function run(args: Arguments, env: CliEnv): Promise<ExitCode> {
  const report = REPORT_FORMATS.find((format) => format === args.text('report'));
  const output = args.text('output');
  if (output !== undefined && report === undefined) {
    throw usageError('--output is for a report: give --report too');
  }
  const files = await chosenFiles(args);
  if (files.some(({ refusals }) => refusals.length > 0)) {
    reportRefusals(files, env);
    return REFUSED;
  }
  return runScenarios(files, env, {
    fobdUrl: args.text('fobd'),
    report,
    output,
    json: args.flag('json'),
    verbose: args.flag('verbose'),
    allowRemote: args.flag('allow-remote'),
  });
}

async function lint(args: Arguments, env: CliEnv): Promise<ExitCode> {
  const files = await chosenFiles(args);
  const isSound = files.every(({ refusals }) => refusals.length === 0);
  if (args.flag('json')) {
    printJson(env, {
      sound: isSound,
      files: files.map(({ file, refusals }) => ({ file, refusals })),
    });
    return isSound ? 0 : REFUSED;
  }
  reportRefusals(files, env);
  const sound = files.filter(({ refusals }) => refusals.length === 0);
  if (sound.length > 0) {
    printLines(
      env,
      sound.map(({ file, scenario: read }) => `${file}: sound, ${read?.steps.length ?? 0} steps`),
    );
  }
  return isSound ? 0 : REFUSED;
}

async function list(args: Arguments, env: CliEnv): Promise<ExitCode> {
  if (args.texts('scenarios').length > 0) throw usageError('`fob scenario list` takes no names');
  const shipped = await shippedScenarios();
  const files = await readScenarioFiles(shipped.map(({ file }) => file));
  const rows = shipped.map(({ name }, index) => ({
    name,
    sentence: files[index]?.scenario?.name ?? '',
  }));
  if (args.flag('json')) {
    printJson(env, { scenarios: rows });
    return 0;
  }
  const width = Math.max(...rows.map(({ name }) => name.length));
  printLines(
    env,
    rows.map(({ name, sentence }) => `${name.padEnd(width)}  ${sentence}`),
  );
  return 0;
}

async function chosenFiles(args: Arguments): Promise<readonly ScenarioFile[]> {
  const names = args.texts('scenarios');
  if (names.length === 0) {
    throw usageError(
      'Which scenario?',
      'Name a file, a scenario of `fob scenario list`, or all of those: all.',
    );
  }
  return readScenarioFiles(names, {
    randomSeed: args.integer('random-seed', { min: 0, max: RANDOM_SEED_MAX }),
    clock: CLOCKS.find((clock) => clock === args.text('clock')),
  });
}

/** Everything that is wrong with every file; nothing has been run. */
export function reportRefusals(
  files: readonly Pick<ScenarioFile, 'file' | 'refusals'>[],
  { stderr }: CliEnv,
): void {
  for (const { file, refusals } of files) {
    for (const refusal of refusals) {
      stderr.write(`${refusalText(file, refusal)}\n`);
      if (refusal.nextStep !== undefined) stderr.write(`  ${refusal.nextStep}\n`);
    }
  }
}
