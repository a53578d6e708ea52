import { FobtwinError } from '../../shared/errors.ts';
import { STRENGTHS } from '../../shared/types.ts';
import { ID_TOKEN_ALGORITHMS } from '../../shared/wire/oidc-schemas.ts';
import { spanArgument } from './arguments.ts';
import type { Choose, Command, Parser } from './command.ts';
import { addedText, describeClient, keysText, listClients } from './oidc-text.ts';
import { PAGE_OPTIONS, pageArguments } from './page.ts';

export const command: Command = {
  define: (parser, choose) =>
    parser
      .usage('fobd oidc COMMAND\n\nWho signs people in with OpenID Connect, and the signing keys.')
      .command('client', 'Add, list, change and remove clients', (inner) =>
        defineClients(inner, choose),
      )
      .command('key', 'List and rotate the keys that ID tokens are signed with', (inner) =>
        defineKeys(inner, choose),
      )
      .demandCommand(1, 'oidc needs one of its commands'),
};

const id = {
  type: 'string',
  demandOption: true,
  describe: 'As `fobd oidc client list` shows it',
} as const;

const ADDRESSES = {
  'redirect-uri': {
    type: 'array',
    string: true,
    requiresArg: true,
    describe: 'Where browsers return to, exactly; give it once for each',
  },
  'post-logout-redirect-uri': {
    type: 'array',
    string: true,
    requiresArg: true,
    describe: 'Where browsers go after signing out, exactly; give it once for each',
  },
  'id-token-algorithm': {
    choices: ID_TOKEN_ALGORITHMS,
    requiresArg: true,
    describe: 'What its ID tokens are signed with [default: RS256]',
  },
} as const;

function defineClients(parser: Parser, choose: Choose): Parser {
  defineAdd(parser, choose);
  defineChange(parser, choose);
  defineReads(parser, choose);
  defineSecret(parser, choose);
  return parser.demandCommand(1, 'oidc client needs one of its commands');
}

function defineAdd(parser: Parser, choose: Choose): void {
  parser.command(
    'add <name>',
    'Add a client; its secret is shown this once',
    (inner) =>
      inner
        .positional('name', { type: 'string', demandOption: true, describe: 'People see it' })
        .options({
          ...ADDRESSES,
          'redirect-uri': { ...ADDRESSES['redirect-uri'], demandOption: true },
          public: {
            type: 'boolean',
            describe: "It can keep no secret: a program on a person's machine, or a page",
          },
          proofed: { type: 'boolean', describe: 'Every sign-in to it needs a proofed credential' },
          strength: {
            choices: STRENGTHS,
            requiresArg: true,
            describe: 'Every sign-in to it needs this strength [default: password]',
          },
        }),
    (args) => {
      const body = {
        name: args.name,
        public: args.public,
        redirectUris: args['redirect-uri'].map(String),
        postLogoutRedirectUris: args['post-logout-redirect-uri']?.map(String),
        requiredStrength: args.strength,
        requiresProofing: args.proofed,
        idTokenAlgorithm: args['id-token-algorithm'],
      };
      choose(args, async ({ withClient, print }) => {
        const added = await withClient((client) => client.call('addOidcClient', { body }));
        return print(added, addedText(added));
      });
    },
  );
}

function defineChange(parser: Parser, choose: Choose): void {
  parser.command(
    'change <id>',
    'Change a client; lists take the place of those there are',
    (inner) =>
      inner.positional('id', id).options({
        ...ADDRESSES,
        name: { type: 'string', requiresArg: true, describe: 'People see it' },
        proofed: {
          type: 'boolean',
          describe: 'Every sign-in to it needs a proofed credential; --no-proofed: no longer',
        },
        strength: {
          choices: [...STRENGTHS, 'none'] as const,
          requiresArg: true,
          describe: 'Every sign-in to it needs this strength; none takes the demand away',
        },
      }),
    (args) => {
      const options = {
        params: { id: clientArgument(args.id) },
        body: {
          name: args.name,
          redirectUris: args['redirect-uri']?.map(String),
          postLogoutRedirectUris: args['post-logout-redirect-uri']?.map(String),
          requiredStrength: args.strength === 'none' ? null : args.strength,
          requiresProofing: args.proofed,
          idTokenAlgorithm: args['id-token-algorithm'],
        },
      };
      choose(args, async ({ withClient, print }) => {
        const reply = await withClient((client) => client.call('changeOidcClient', options));
        return print(reply, describeClient(reply.client));
      });
    },
  );
}

function defineReads(parser: Parser, choose: Choose): void {
  parser
    .command(
      'list',
      'List clients; never their secrets',
      (inner) => inner.options(PAGE_OPTIONS),
      (args) => {
        const query = pageArguments(args);
        choose(args, async ({ withClient, print }) => {
          const page = await withClient((client) => client.call('listOidcClients', { query }));
          return print(page, listClients(page));
        });
      },
    )
    .command(
      'show <id>',
      'Show one client; never its secret',
      (inner) => inner.positional('id', id),
      (args) => {
        const options = { params: { id: clientArgument(args.id) } };
        choose(args, async ({ withClient, print }) => {
          const reply = await withClient((client) => client.call('getOidcClient', options));
          return print(reply, describeClient(reply.client));
        });
      },
    )
    .command(
      'remove <id>',
      'Remove a client: nobody signs in to it, and its tokens are refused',
      (inner) => inner.positional('id', id),
      (args) => {
        const options = { params: { id: clientArgument(args.id) } };
        choose(args, async ({ withClient, print }) => {
          const reply = await withClient((client) => client.call('removeOidcClient', options));
          return print(reply, `${reply.client.name} is removed.`);
        });
      },
    );
}

function defineSecret(parser: Parser, choose: Choose): void {
  parser.command(
    'rotate-secret <id>',
    'Give another secret, shown this once; the old one works until the overlap ends',
    (inner) =>
      inner.positional('id', id).options({
        overlap: {
          type: 'string',
          requiresArg: true,
          describe: 'How long the old secret works on; 0s ends it now [default: 1d]',
        },
      }),
    (args) => {
      const options = {
        params: { id: clientArgument(args.id) },
        body: { overlap: spanArgument('--overlap', args.overlap) },
      };
      choose(args, async ({ withClient, print }) => {
        const reply = await withClient((client) => client.call('rotateOidcClientSecret', options));
        return print(reply, addedText(reply));
      });
    },
  );
}

function defineKeys(parser: Parser, choose: Choose): Parser {
  return parser
    .command(
      'list',
      'List signing keys and how each is used',
      (inner) => inner,
      (args) =>
        choose(args, async ({ withClient, print }) => {
          const reply = await withClient((client) => client.call('listOidcKeys'));
          return print(reply, keysText(reply));
        }),
    )
    .command(
      'rotate',
      'Make new signing keys, published before they are used',
      (inner) =>
        inner
          .options({
            delay: {
              type: 'string',
              requiresArg: true,
              describe: 'How long they are published before; 0s uses them now [default: 1d]',
            },
            'drop-old': {
              type: 'boolean',
              describe: 'The old ones are known to others: they end now, and all they signed',
            },
            reason: { type: 'string', requiresArg: true, describe: 'Why, for the audit log' },
          })
          .conflicts('drop-old', 'delay'),
      (args) => {
        const body = {
          delay: spanArgument('--delay', args.delay),
          dropOld: args['drop-old'],
          reason: args.reason,
        };
        choose(args, async ({ withClient, print }) => {
          const reply = await withClient((client) => client.call('rotateOidcKeys', { body }));
          return print(reply, keysText(reply));
        });
      },
    )
    .demandCommand(1, 'oidc key needs one of its commands');
}

function clientArgument(text: string): string {
  if (/^[0-9a-f]{16}$/.test(text)) return text;
  throw new FobtwinError('usage', `${JSON.stringify(text)} is not a client's id`, {
    nextStep: 'It is 16 hexadecimal digits, as `fobd oidc client list` shows.',
  });
}
