import { FobtwinError } from '../../shared/errors.ts';
import { parseTime } from '../../shared/time.ts';
import { subscriptionArgument } from './arguments.ts';
import type { Choose, Parser } from './command.ts';
import { describeHandedOver, describeProofing } from './proofing-text.ts';

/** What agents of live sessions do from the command line. */

const subscription = {
  type: 'string',
  demandOption: true,
  describe: 'As `fobd proofing list` shows it',
} as const;

export function defineSchedule(parser: Parser, choose: Choose): void {
  parser.command(
    'schedule <subscription>',
    'Schedule a live session, or move it',
    (inner) =>
      inner.positional('subscription', subscription).option('at', {
        type: 'string',
        requiresArg: true,
        demandOption: true,
        describe: 'In UTC: 2026-01-05T15:00:00Z',
      }),
    (args) => {
      const params = { subscription: subscriptionArgument(args.subscription) };
      const { at } = args;
      if (parseTime(at) === undefined) {
        throw new FobtwinError('usage', '--at is a time in UTC', {
          nextStep: 'For example --at 2026-01-05T15:00:00Z.',
        });
      }
      choose(args, async ({ withClient, print }) => {
        const reply = await withClient((client) =>
          client.call('scheduleProofing', { params, body: { at } }),
        );
        return print(reply, describeProofing(reply.proofing));
      });
    },
  );
}

export function defineDecide(parser: Parser, choose: Choose): void {
  parser.command(
    'decide <subscription>',
    'Record the verdict of a live session; passed, it shows the activation code once',
    (inner) =>
      inner.positional('subscription', subscription).options({
        passed: { type: 'boolean', conflicts: 'failed', describe: 'The person is who they say' },
        failed: { type: 'boolean', describe: 'They are not, or have not shown it' },
        note: { type: 'string', requiresArg: true, describe: 'What was shown, for staff' },
      }),
    (args) => {
      const params = { subscription: subscriptionArgument(args.subscription) };
      const passed = args.passed === true;
      if (!passed && args.failed !== true) {
        throw new FobtwinError('usage', 'Say --passed or --failed');
      }
      const body = { passed, note: args.note };
      choose(args, async ({ withClient, print }) => {
        const reply = await withClient((client) => client.call('decideProofing', { params, body }));
        return print(reply, describeHandedOver(reply));
      });
    },
  );
}

export function defineReissue(parser: Parser, choose: Choose): void {
  parser.command(
    'reissue-code <subscription>',
    'Show another activation code once, in the place of the one before',
    (inner) => inner.positional('subscription', subscription),
    (args) => {
      const params = { subscription: subscriptionArgument(args.subscription) };
      choose(args, async ({ withClient, print }) => {
        const reply = await withClient((client) =>
          client.call('reissueActivationCode', { params }),
        );
        return print(reply, describeHandedOver(reply));
      });
    },
  );
}
