import { STRENGTHS } from '../../shared/types.ts';
import { ROLES } from '../access/roles.ts';
import { SCOPES } from '../access/scopes.ts';
import { describeApplication, keyText, listApplications, rotatedText } from './application-text.ts';
import { applicationArgument, expiryArgument, numberArgument, spanArgument } from './arguments.ts';
import { type Choose, commandGroup, type Parser } from './command.ts';
import { PAGE_OPTIONS, pageArguments } from './page.ts';

export const command = commandGroup(
  'application',
  'Applications: systems that ask fobd for decisions, each with its own API keys.',
  [defineAdd, defineList, defineShow, defineRotate, defineAllow, defineStrength, defineRevoke],
);

const allow = {
  type: 'array',
  string: true,
  requiresArg: true,
  describe: 'Only from these addresses: 10.0.0.0/8; give it once for each',
} as const;

const expires = {
  type: 'string',
  requiresArg: true,
  describe: 'The key ends after a span (90d), with a day (2027-06-30, UTC) or at a time',
} as const;

const id = {
  type: 'string',
  demandOption: true,
  describe: 'As `fobd application list` shows it',
} as const;

function defineAdd(parser: Parser, choose: Choose): void {
  parser.command(
    'add <name>',
    'Add an application; its API key is shown this once',
    (inner) =>
      inner
        .positional('name', { type: 'string', demandOption: true, describe: 'For people' })
        .options({
          scope: {
            type: 'array',
            string: true,
            requiresArg: true,
            choices: SCOPES,
            describe: 'What it may do; give it once for each',
          },
          role: {
            type: 'array',
            string: true,
            requiresArg: true,
            choices: ROLES,
            describe: 'Every scope of a role; with --scope those too',
          },
          expires,
          allow,
          strength: {
            type: 'string',
            requiresArg: true,
            choices: STRENGTHS,
            describe: 'What a code must prove for it [default: whatever it proves]',
          },
          proofed: {
            type: 'boolean',
            describe: "The code's credential must have been proofed",
          },
        })
        .check(({ scope, role }) => {
          if (scope !== undefined || role !== undefined) return true;
          throw new Error('An application needs at least one --scope or --role');
        }),
    (args) => {
      const body = {
        name: args.name,
        scopes: args.scope?.map(String),
        roles: args.role?.map(String),
        allow: args.allow?.map(String),
        requiredStrength: args.strength,
        requiresProofing: args.proofed,
        ...expiryArgument('--expires', args.expires),
      };
      choose(args, async ({ withClient, print }) => {
        const added = await withClient((client) => client.call('addApplication', { body }));
        return print(added, keyText(added));
      });
    },
  );
}

function defineList(parser: Parser, choose: Choose): void {
  parser.command(
    'list',
    'List applications, what they may do and when their keys were used; never the keys',
    (inner) => inner.options(PAGE_OPTIONS),
    (args) => {
      const query = pageArguments(args);
      choose(args, async ({ withClient, print }) => {
        const page = await withClient((client) => client.call('listApplications', { query }));
        return print(page, listApplications(page));
      });
    },
  );
}

function defineShow(parser: Parser, choose: Choose): void {
  parser.command(
    'show <id>',
    'Show one application and the state of its keys',
    (inner) => inner.positional('id', id),
    (args) => {
      const options = { params: { id: applicationArgument(args.id) } };
      choose(args, async ({ withClient, print }) => {
        const reply = await withClient((client) => client.call('getApplication', options));
        return print(reply, describeApplication(reply.application));
      });
    },
  );
}

function defineRotate(parser: Parser, choose: Choose): void {
  parser.command(
    'rotate <id>',
    'Give another API key, shown this once; the old one works until the overlap ends',
    (inner) =>
      inner.positional('id', id).options({
        overlap: {
          type: 'string',
          requiresArg: true,
          describe: 'How long the old key works on; 0s ends it now [default: 7d]',
        },
        expires: { ...expires, describe: `${expires.describe} [default: lives as the old one]` },
      }),
    (args) => {
      const options = {
        params: { id: applicationArgument(args.id) },
        body: {
          overlap: spanArgument('--overlap', args.overlap),
          ...expiryArgument('--expires', args.expires),
        },
      };
      choose(args, async ({ withClient, print }) => {
        const rotated = await withClient((client) => client.call('rotateApplication', options));
        return print(rotated, rotatedText(rotated));
      });
    },
  );
}

function defineAllow(parser: Parser, choose: Choose): void {
  parser.command(
    'allow <id>',
    'Say anew from where an application may be called; its keys stay as they are',
    (inner) =>
      inner
        .positional('id', id)
        .options({
          allow,
          anywhere: { type: 'boolean', describe: 'From any address again' },
          reason: { type: 'string', requiresArg: true, describe: 'Why, for the audit log' },
        })
        .check(({ allow, anywhere }) => {
          if ((allow === undefined) !== (anywhere !== true)) return true;
          throw new Error('Give the whole list with --allow, or --anywhere, one of them');
        }),
    (args) => {
      const options = {
        params: { id: applicationArgument(args.id) },
        body: { allow: args.allow?.map(String) ?? [], reason: args.reason },
      };
      choose(args, async ({ withClient, print }) => {
        const reply = await withClient((client) => client.call('allowApplication', options));
        return print(reply, describeApplication(reply.application));
      });
    },
  );
}

/** Where no strength is demanded. */
const ANY = 'any';

function defineStrength(parser: Parser, choose: Choose): void {
  parser.command(
    'strength <id> <strength>',
    'Say anew what a code must prove for an application',
    (inner) =>
      inner
        .positional('id', id)
        .positional('strength', {
          type: 'string',
          demandOption: true,
          choices: [...STRENGTHS, ANY],
          describe: 'At least this; any: whatever a code proves',
        })
        .option('proofed', {
          type: 'boolean',
          describe: "The code's credential must have been proofed; --no-proofed: no longer",
        })
        .option('reason', {
          type: 'string',
          requiresArg: true,
          describe: 'Why, for the audit log',
        }),
    (args) => {
      const requiredStrength = STRENGTHS.find((strength) => strength === args.strength) ?? null;
      const options = {
        params: { id: applicationArgument(args.id) },
        body: { requiredStrength, requiresProofing: args.proofed, reason: args.reason },
      };
      choose(args, async ({ withClient, print }) => {
        const reply = await withClient((client) => client.call('demandOfApplication', options));
        return print(reply, describeApplication(reply.application));
      });
    },
  );
}

function defineRevoke(parser: Parser, choose: Choose): void {
  parser.command(
    'revoke <id>',
    'End an application, or one of its keys: refused from now on',
    (inner) =>
      inner.positional('id', id).options({
        key: {
          type: 'string',
          requiresArg: true,
          describe: 'Only this key, by its number [default: the whole application]',
        },
        reason: { type: 'string', requiresArg: true, describe: 'Why, for the audit log' },
      }),
    (args) => {
      const key = numberArgument('--key', args.key, [1, Number.MAX_SAFE_INTEGER]);
      const options = {
        params: { id: applicationArgument(args.id) },
        body: { key, reason: args.reason },
      };
      choose(args, async ({ withClient, print }) => {
        const reply = await withClient((client) => client.call('revokeApplication', options));
        const what = key === undefined ? '' : `Key ${key} of `;
        return print(reply, `${what}${reply.application.name} is revoked.`);
      });
    },
  );
}
