import fs from 'node:fs';
import path from 'node:path';
import { FobtwinError } from '../../shared/errors.ts';
import { formatTime } from '../../shared/time.ts';
import { drawerOver } from '../drawer/drawer.ts';
import type { DrawerParts } from '../drawer/drawer-parts.ts';
import { createFileToBe } from '../drawer/file-to-be.ts';
import { finishMove, moveIn, moveOut, retireFile, unfinishedMove } from '../drawer/moving.ts';
import { checkPassphrase } from '../drawer/protection.ts';
import { type Arguments, usageError } from './arguments.ts';
import type { FobCommand } from './command.ts';
import { drawerPartsOf } from './drawer-of.ts';
import { keyFilePlace } from './drawer-place.ts';
import type { CliEnv, ExitCode } from './env.ts';
import { askHidden, canAsk, readPassphraseFile } from './hidden-input.ts';
import { printJson, printLines, warn } from './output.ts';

const ACTIONS = ['status', 'export', 'import', 'passphrase', 'key-file'] as const;
type Action = (typeof ACTIONS)[number];

export const drawer: FobCommand = {
  positionals: {
    action: {
      describe: 'status, export, import, passphrase or key-file: see below',
      choices: ACTIONS,
    },
    file: {
      describe: 'For export the new file, for import the file that export wrote',
      optional: true,
    },
  },
  options: {
    'passphrase-file': {
      describe:
        "A file with the passphrase of the exported file, or the drawer's new one; asked for on " +
        'a terminal if not given',
    },
    keep: { flag: true, describe: 'import: leave the file where it is, as a copy in a safe' },
  },
  examples: [
    ['drawer status', 'where the drawer is and what opens it'],
    ['drawer export desk.fobdrawer', 'every token into one file; they are gone from here'],
    ['drawer import desk.fobdrawer', 'the tokens of such a file, on another computer'],
    ['drawer passphrase', 'from now on a passphrase opens the drawer'],
    ['drawer key-file', 'from now on its key file does, without being asked'],
  ],
  notes:
    'Each token of a drawer is encrypted. What opens it is a key file, which lies outside of the ' +
    'drawer (FOB_KEY_FILE chooses where), or a passphrase, which is asked for on a terminal or ' +
    'read from the file that FOB_PASSPHRASE_FILE names. An export moves the tokens: the drawer ' +
    'here refuses to press them from then on, so that no code is given twice, and an import ' +
    'removes the file. Never import a copy of the file in two places.',
  run(args, env) {
    const action = ACTIONS.find((name) => name === args.required('action'));
    if (action === undefined) {
      throw usageError(`fob drawer does one of ${ACTIONS.join(', ')}, not what was given`);
    }
    const parts = drawerPartsOf(args, env);
    return DO[action](parts, args, env);
  },
};

type DoAction = (parts: DrawerParts, args: Arguments, env: CliEnv) => Promise<ExitCode>;

const DO: Readonly<Record<Action, DoAction>> = {
  status: async (parts, args, env) => {
    refuseFile(args);
    const status = statusOf(parts, env);
    if (args.flag('json')) printJson(env, status);
    else printLines(env, statusLines(status));
    return 0;
  },
  export: exportDrawer,
  import: importDrawer,
  passphrase: async (parts, args, env) => {
    refuseFile(args);
    const passphrase = await newPassphrase(args, env, `the drawer ${parts.directory}`);
    await drawerOver(parts).protect({ passphrase });
    return sayStatus(parts, args, env);
  },
  'key-file': async (parts, args, env) => {
    refuseFile(args);
    await drawerOver(parts).protect({});
    return sayStatus(parts, args, env);
  },
};

async function exportDrawer(parts: DrawerParts, args: Arguments, env: CliEnv): Promise<ExitCode> {
  const unfinished = unfinishedMove(parts);
  const file = path.resolve(unfinished?.file ?? args.required('file'));
  let tokens: number;
  if (unfinished === undefined) {
    const target = createFileToBe(file, env.rng);
    const passphrase = await newPassphrase(args, env, file);
    const at = formatTime(env.clock.now());
    tokens = await moveOut(parts, target, { passphrase, at, signal: env.interruption() });
  } else {
    // What was decided before somebody pulled the plug.
    await finishMove(parts, createFileToBe(file, env.rng, unfinished.draft));
    tokens = unfinished.tokens;
  }
  if (args.flag('json')) printJson(env, { output: file, tokens });
  else {
    printLines(env, [
      `${countOf(tokens)} moved into ${file}.`,
      'Where they are to be pressed from now on: fob drawer import FILE',
    ]);
  }
  return 0;
}

async function importDrawer(parts: DrawerParts, args: Arguments, env: CliEnv): Promise<ExitCode> {
  const file = path.resolve(args.required('file'));
  const json = args.flag('json');
  if (!fs.existsSync(file)) throw noFile(file);
  const passphrase = await givenPassphrase(args, env, file);
  const files = await moveIn(parts, file, { passphrase, signal: env.interruption() });
  const isRetired = !args.flag('keep') && retireFile(file);
  const tokens = files.map(({ device }) => ({
    serial: device.serial,
    profile: device.profile.name,
  }));
  if (json) printJson(env, { tokens, removed: isRetired });
  else printLines(env, [`${countOf(tokens.length)} imported into ${parts.directory}.`]);
  if (!isRetired)
    warn(env, `${file} is still there: import it nowhere else, and keep it in a safe.`);
  return 0;
}

interface Status {
  readonly drawer: string;
  /** null while there is no drawer, or it is still plain, or it has moved. */
  readonly protection: 'keyFile' | 'passphrase' | null;
  readonly keyFile: string | null;
  readonly moved: { readonly at: string; readonly file: string; readonly tokens: number } | null;
}

function statusOf({ directory, keyring }: DrawerParts, env: CliEnv): Status {
  const header = keyring.peek();
  const kind = header?.key?.kind ?? null;
  const { moved } = header ?? {};
  return {
    drawer: directory,
    protection: moved === undefined ? kind : null,
    keyFile: kind === 'keyFile' ? keyFilePlace(directory, env) : null,
    moved: moved === undefined ? null : { at: moved.at, file: moved.file, tokens: moved.tokens },
  };
}

function statusLines({ drawer: place, protection, keyFile, moved }: Status): string[] {
  if (moved !== null) {
    return [`The drawer ${place} moved: ${countOf(moved.tokens)} into ${moved.file}, ${moved.at}.`];
  }
  if (keyFile !== null) {
    return [`The drawer ${place}`, `is opened by the key file ${keyFile}: keep a copy of it.`];
  }
  if (protection === 'passphrase') return [`The drawer ${place}`, 'is opened by a passphrase.'];
  return [`The drawer ${place}`, 'is encrypted as soon as a token is made or pressed in it.'];
}

function sayStatus(parts: DrawerParts, args: Arguments, env: CliEnv): ExitCode {
  const status = statusOf(parts, env);
  if (args.flag('json')) printJson(env, status);
  else printLines(env, statusLines(status));
  return 0;
}

/** A passphrase to protect something with: typed twice, since nobody sees it. */
async function newPassphrase(args: Arguments, env: CliEnv, what: string): Promise<string> {
  const file = args.text('passphrase-file');
  if (file === undefined && !canAsk(env)) throw cannotAsk(what);
  const passphrase =
    file === undefined
      ? await askHidden(`New passphrase of ${what}`, env)
      : readPassphraseFile(file);
  checkPassphrase(passphrase);
  if (file === undefined && (await askHidden('Once more', env)) !== passphrase) {
    throw new FobtwinError('invalidInput', 'The two passphrases differ: nothing was changed', {
      nextStep: 'Try again.',
    });
  }
  return passphrase;
}

async function givenPassphrase(args: Arguments, env: CliEnv, what: string): Promise<string> {
  const file = args.text('passphrase-file');
  if (file !== undefined) return readPassphraseFile(file);
  if (!canAsk(env)) throw cannotAsk(what);
  return askHidden(`Passphrase of ${what}`, env);
}

function refuseFile(args: Arguments): void {
  if (args.text('file') !== undefined) {
    throw usageError(`fob drawer ${args.required('action')} takes no file`);
  }
}

function countOf(tokens: number): string {
  return tokens === 1 ? '1 token' : `${tokens} tokens`;
}

function cannotAsk(what: string): FobtwinError {
  return new FobtwinError(
    'drawerKeyUnusable',
    `Nobody can be asked for the passphrase of ${what}`,
    {
      nextStep: 'Run it on a terminal, or name a file that holds it with --passphrase-file.',
    },
  );
}

function noFile(file: string): FobtwinError {
  return new FobtwinError('fileUnreadable', `There is no file ${file}`, {
    nextStep: 'Name the file that `fob drawer export` wrote.',
  });
}
