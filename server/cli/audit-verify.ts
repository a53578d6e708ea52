import type { KeyObject } from 'node:crypto';
import path from 'node:path';
import type { Client } from '../../shared/client/client.ts';
import { FobtwinError } from '../../shared/errors.ts';
import type { AuditFault } from '../../shared/wire/audit-schemas.ts';
import type { ReplyOf } from '../../shared/wire/operations.ts';
import { type Checkpoint, parsePublicKey } from '../audit/checkpoint.ts';
import type { ExportVerdict } from '../audit/verify-export.ts';
import {
  isGenuine,
  keyInExport,
  readCheckpoint,
  readPublicKey,
  verifyFiles,
} from './audit-files.ts';
import type { Action, Choose, Parser } from './command.ts';

type Verdict = ReplyOf<'verifyAudit'>;

const OPTIONS = {
  checkpoint: {
    type: 'string',
    requiresArg: true,
    describe: 'Hold the log against this checkpoint, kept elsewhere: finds a rollback',
  },
  export: {
    type: 'string',
    array: true,
    requiresArg: true,
    describe: 'Verify this export instead, without a data directory; again for the next one',
  },
  'public-key': {
    type: 'string',
    requiresArg: true,
    describe: 'The public key of the checkpoints, kept elsewhere',
  },
} as const;

interface Asked {
  readonly checkpoint: string | undefined;
  readonly publicKey: string | undefined;
}

export const defineVerify = (parser: Parser, choose: Choose): Parser =>
  parser.command(
    'verify',
    'Verify the whole chain and its index, or exports of it',
    (inner) => inner.options(OPTIONS),
    (args) => {
      const asked = { checkpoint: args.checkpoint, publicKey: args['public-key'] };
      const files = args.export ?? [];
      choose(args, files.length > 0 ? verifyOffline(files, asked) : verifyLog(asked));
    },
  );

const verifyLog =
  (asked: Asked): Action =>
  async ({ env, withClient, print, refuse }) => {
    const checkpoint = asked.checkpoint && (await readCheckpoint(asked.checkpoint, env.directory));
    const given = asked.publicKey && (await readPublicKey(asked.publicKey, env.directory));
    const verdict = await withClient(async (client) => {
      if (!checkpoint) return client.call('verifyAudit');
      const key = given || (await serverKey(client));
      if (!isGenuine(checkpoint, key)) return forged(checkpoint);
      const { sequence, hash } = checkpoint;
      return client.call('verifyAudit', { query: { sequence: String(sequence), hash } });
    });
    if (!verdict.sound) return refuse(verdict, describeFault(verdict, 'The audit log'));
    return print(verdict, describeSound(verdict));
  };

export async function serverKey(client: Client): Promise<KeyObject> {
  const { publicKey } = await client.call('getAuditPublicKey');
  const key = parsePublicKey(publicKey);
  if (key !== undefined) return key;
  throw new FobtwinError('internal', 'fobd answered with no public key');
}

const verifyOffline =
  (names: readonly string[], asked: Asked): Action =>
  async ({ env, print, refuse }) => {
    const files = names.map((name) => path.resolve(env.directory, name));
    const given = asked.publicKey && (await readPublicKey(asked.publicKey, env.directory));
    const checkpoint = asked.checkpoint && (await readCheckpoint(asked.checkpoint, env.directory));
    const key = given || (await keyInExport(files[0] ?? ''));
    const verdict =
      checkpoint && !isGenuine(checkpoint, key)
        ? { ...forged(checkpoint), faultIn: undefined }
        : await verifyFiles(files, {
            publicKey: given || undefined,
            checkpoint: checkpoint || undefined,
          });
    const file = verdict.faultIn === undefined ? undefined : names[verdict.faultIn];
    const what = file === undefined ? 'The export' : `The export ${file}`;
    const result = { ...verdict, ...(file === undefined ? {} : { file }) };
    if (!verdict.sound) return refuse(result, describeFault(verdict, what));
    return print(result, describeExport(verdict as ExportVerdict));
  };

const forged = ({ sequence }: Checkpoint) =>
  ({
    sound: false,
    entries: 0,
    head: null,
    fault: 'checkpointForged',
    faultAt: sequence,
  }) as const satisfies Verdict;

const COMPARED = {
  matched: '\n  The checkpoint is of this very log.',
  beforeBase:
    '\n  The checkpoint is older than what retention has left: verify the exports with it.',
} as const;

function describeSound({ entries, head, base, checkpoint }: Verdict): string {
  const end = head === null ? '' : `; it ends at ${head.sequence} with ${head.hash}`;
  const start = base === undefined ? '' : `\n  Entries up to ${base.sequence} went by retention.`;
  const compared = checkpoint === undefined ? '' : COMPARED[checkpoint];
  return `The audit log is sound: ${entries} entries${end}.${start}${compared}`;
}

function describeExport({ entries, base, head, signedBy, checkpoint }: ExportVerdict): string {
  const from = (base?.sequence ?? 0) + 1;
  const compared = checkpoint === undefined ? '' : COMPARED[checkpoint];
  const whose =
    signedBy === 'givenKey'
      ? ''
      : '\n  It is signed by the key in the file itself: give --public-key to know whose it is.';
  const found = `${entries} entries, ${from} to ${head?.sequence}`;
  return `The export is sound: ${found}.${whose}${compared}`;
}

const FAULTS: Readonly<Record<AuditFault, string>> = {
  changed: 'an entry was changed',
  removed: 'an entry was removed',
  tailCut: 'the newest entries were cut off',
  headForged: 'the sealed head is missing or not genuine',
  unreadable: 'an entry cannot be read',
  frontCut: 'the oldest entries were cut off without retention',
  baseForged: 'where the log begins after retention is not genuine',
  indexDamaged: 'the entries are whole, but their index was changed',
  rolledBack: 'it ends before the checkpoint does',
  forked: 'the checkpoint knows another entry',
  checkpointForged: 'the checkpoint was not signed by this key',
};

const NEXT_STEPS: Readonly<Partial<Record<AuditFault, string>>> = {
  indexDamaged: 'Make it again with `fobd audit reindex`; until then queries may miss entries.',
  checkpointForged: 'Look for the checkpoint and the public key where they were kept.',
};

function describeFault(
  { fault, faultAt, entries }: Pick<Verdict, 'fault' | 'faultAt' | 'entries'>,
  what: string,
): string {
  const found = fault === undefined ? 'it does not verify' : FAULTS[fault];
  const where = faultAt === undefined ? '' : ` at sequence ${faultAt}`;
  const next = fault === undefined ? undefined : NEXT_STEPS[fault];
  return `\
${what} is NOT sound: ${found}${where} (${entries} entries before it are sound).
  ${next ?? 'Keep it as evidence, and restore a backup elsewhere.'}`;
}
