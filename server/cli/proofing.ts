import { FobtwinError } from '../../shared/errors.ts';
import { ANSWERS_MAX, PROOFING_STATES } from '../../shared/wire/proofing-schemas.ts';
import { accountArgument, subscriptionArgument } from './arguments.ts';
import { type Choose, commandGroup, type Parser } from './command.ts';
import { PAGE_OPTIONS, pageArguments } from './page.ts';
import { defineDecide, defineReissue, defineSchedule } from './proofing-agent.ts';
import { describeProofing, describeQuestions, listProofings } from './proofing-text.ts';
import { readLines } from './two-codes.ts';

export const command = commandGroup('proofing', 'Identity proofing of those who bought it.', [
  defineList,
  defineShow,
  defineProfile,
  defineQuestions,
  defineAnswer,
  defineVideo,
  defineSchedule,
  defineDecide,
  defineReissue,
]);

const account = { type: 'string', demandOption: true, describe: 'Whose proofing' } as const;
const subscription = {
  type: 'string',
  demandOption: true,
  describe: 'What it was bought with, such as SO-10001-1-1',
} as const;

const ofPerson = (parser: Parser) =>
  parser.positional('account', account).positional('subscription', subscription);

const paramsOf = (args: { readonly account: string; readonly subscription: string }) => ({
  id: accountArgument(args.account),
  subscription: subscriptionArgument(args.subscription),
});

function defineList(parser: Parser, choose: Choose): void {
  parser.command(
    'list',
    'List proofings that were begun',
    (inner) =>
      inner.options({
        ...PAGE_OPTIONS,
        state: { choices: PROOFING_STATES, requiresArg: true, describe: 'Only those' },
        account: { type: 'string', requiresArg: true, describe: "Only this account's" },
      }),
    (args) => {
      const query = {
        ...pageArguments(args),
        state: args.state,
        account: accountArgument(args.account),
      };
      choose(args, async ({ withClient, print }) => {
        const page = await withClient((client) => client.call('listProofings', { query }));
        return print(page, listProofings(page));
      });
    },
  );
}

function defineShow(parser: Parser, choose: Choose): void {
  parser.command('show <account> <subscription>', 'Show how far one has come', ofPerson, (args) => {
    const params = paramsOf(args);
    choose(args, async ({ withClient, print }) => {
      const reply = await withClient((client) => client.call('getProofing', { params }));
      return print(reply, describeProofing(reply.proofing));
    });
  });
}

function defineProfile(parser: Parser, choose: Choose): void {
  parser.command(
    'profile <account> <subscription>',
    'Confirm the legal name and the country, which come first',
    (inner) =>
      ofPerson(inner).options({
        'legal-name': {
          type: 'string',
          requiresArg: true,
          demandOption: true,
          describe: 'As in the passport, and in the account',
        },
        country: {
          type: 'string',
          requiresArg: true,
          demandOption: true,
          describe: 'ISO 3166-1 alpha-2: US',
        },
      }),
    (args) => {
      const params = paramsOf(args);
      const body = { legalName: args['legal-name'], country: args.country };
      choose(args, async ({ withClient, print }) => {
        const reply = await withClient((client) =>
          client.call('confirmProofingProfile', { params, body }),
        );
        return print(reply, describeProofing(reply.proofing));
      });
    },
  );
}

function defineQuestions(parser: Parser, choose: Choose): void {
  parser.command(
    'questions <account> <subscription>',
    'Instant proofing, in the United States: ask the questions; an attempt each time',
    ofPerson,
    (args) => {
      const params = paramsOf(args);
      choose(args, async ({ withClient, print }) => {
        const reply = await withClient((client) =>
          client.call('beginProofingQuestions', { params }),
        );
        return print(reply, describeQuestions(reply));
      });
    },
  );
}

const PROMPTS = ['QUESTION=CHOICE, one a line, then Ctrl-D: ', ...Array(ANSWERS_MAX).fill('')];

function defineAnswer(parser: Parser, choose: Choose): void {
  parser.command(
    'answer <account> <subscription>',
    'Answer them: QUESTION=CHOICE on standard input, one a line',
    ofPerson,
    (args) => {
      const params = paramsOf(args);
      choose(args, async ({ env, withClient, print, refuse }) => {
        const body = { answers: answersOf(await readLines(env, PROMPTS)) };
        const reply = await withClient((client) =>
          client.call('answerProofingQuestions', { params, body }),
        );
        const text = describeProofing(reply.proofing);
        return reply.proofing.state === 'passed' ? print(reply, text) : refuse(reply, text);
      });
    },
  );
}

/** Answers tell much of a person: they are no arguments, and stand in no error. */
function answersOf(lines: readonly string[]): Record<string, string> {
  const answers = new Map<string, string>();
  for (const line of lines) {
    const [, question, choice] = /^([\w-]+)\s*=\s*([\w-]+)$/.exec(line) ?? [];
    if (question === undefined || choice === undefined || answers.has(question)) throw noAnswers();
    answers.set(question, choice);
  }
  if (answers.size === 0 || answers.size > ANSWERS_MAX) throw noAnswers();
  return Object.fromEntries(answers);
}

const noAnswers = (): FobtwinError =>
  new FobtwinError('usage', 'Answers are needed on standard input, each question once', {
    nextStep: "For example: printf '%s\\n' q1=c2 q2=c4 | fobd proofing answer ACCOUNT SUBSCRIPTION",
  });

function defineVideo(parser: Parser, choose: Choose): void {
  parser.command(
    'video <account> <subscription>',
    'Ask for a live video session with an agent',
    ofPerson,
    (args) => {
      const params = paramsOf(args);
      choose(args, async ({ withClient, print }) => {
        const reply = await withClient((client) => client.call('requestProofingVideo', { params }));
        return print(reply, describeProofing(reply.proofing));
      });
    },
  );
}
