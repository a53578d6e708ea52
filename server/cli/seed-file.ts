import { CSV_DIALECT_NAMES } from '../../shared/seed-files/csv-dialects.ts';
import { LIVES } from '../../shared/types.ts';
import { EXPORT_FORMATS } from '../../shared/wire/seed-files-schemas.ts';
import { serialArgument } from './arguments.ts';
import type { Choose, Command, Parser } from './command.ts';
import { exportAction } from './seed-file-export.ts';
import { importAction } from './seed-file-import.ts';
import { withKeyOptions } from './seed-file-key.ts';

export const command: Command = {
  define: (parser, choose) =>
    [defineImport, defineExport]
      .reduce((defined, define) => define(defined, choose), parser)
      .usage('fobd seed-file COMMAND\n\nSeed files: how tokens come in, and how seeds go out.')
      .demandCommand(1, 'seed-file needs one of its commands'),
};

const defineImport = (parser: Parser, choose: Choose): Parser =>
  parser.command(
    'import <file>',
    'Import tokens as stocked: all of the file or nothing',
    (inner) =>
      withKeyOptions(inner)
        .positional('file', {
          type: 'string',
          demandOption: true,
          describe: 'PSKC (.pskcxml, .xml), SafeNet XML (.xml) or CSV (.csv)',
        })
        .option('dialect', {
          choices: CSV_DIALECT_NAMES,
          describe: 'Whose CSV it is; found out from its columns unless given',
        })
        .option('dry-run', {
          type: 'boolean',
          describe: 'Only say what would be imported, and what would be refused',
        })
        .option('partial', {
          type: 'boolean',
          describe: 'Import the rows that can be, and report the others',
        })
        .option('accept-emulated', {
          type: 'boolean',
          describe: 'Let tokens that an emulator made count as hardware tokens',
        }),
    (args) => {
      const options = {
        file: args.file,
        dialect: args.dialect,
        dryRun: args['dry-run'] === true,
        partial: args.partial === true,
        acceptEmulated: args['accept-emulated'] === true,
        keyFiles: args,
      };
      choose(args, importAction(options));
    },
  );

const defineExport = (parser: Parser, choose: Choose): Parser =>
  parser.command(
    'export [serials..]',
    'Write the seeds of tokens to a new file: of these, or of all that are not revoked',
    (inner) =>
      withKeyOptions(inner)
        .positional('serials', { type: 'string', array: true, describe: 'Only these tokens' })
        .option('state', { choices: LIVES, describe: 'All tokens in this state' })
        .option('format', {
          choices: EXPORT_FORMATS,
          default: EXPORT_FORMATS[0],
          describe: 'PSKC (RFC 6030), or CSV, which has no encryption',
        })
        .option('output', {
          type: 'string',
          requiresArg: true,
          demandOption: true,
          describe: 'The file to write; it must not be there yet',
        })
        .option('plain', {
          type: 'boolean',
          describe: 'Write the seeds in the clear: who reads the file has the tokens',
        }),
    (args) => {
      const serials = (args.serials ?? []).map((text) => serialArgument(text));
      const options = {
        serials,
        state: args.state,
        format: args.format,
        output: args.output,
        plain: args.plain === true,
        keyFiles: args,
      };
      choose(args, exportAction(options));
    },
  );
