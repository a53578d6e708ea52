import { defineCheckpoint, definePublicKey } from './audit-checkpoint.ts';
import { defineExport } from './audit-export.ts';
import { defineList } from './audit-list.ts';
import { defineReindex, defineRetain } from './audit-retain.ts';
import { defineVerify } from './audit-verify.ts';
import type { Choose, Command, Parser } from './command.ts';

const COMMANDS: readonly ((parser: Parser, choose: Choose) => Parser)[] = [
  defineList,
  defineVerify,
  defineCheckpoint,
  definePublicKey,
  defineExport,
  defineRetain,
  defineReindex,
];

export const command: Command = {
  define: (parser, choose) =>
    COMMANDS.reduce(
      (defined, define) => define(defined, choose),
      parser.usage(
        'fobd audit COMMAND\n\nThe audit log: every decision, chained to the one before.',
      ),
    ).demandCommand(1, 'audit needs one of its commands'),
};
