import { ORDER_STATES } from '../../shared/products.ts';
import { accountArgument, orderArgument } from './arguments.ts';
import { type Choose, commandGroup, type Parser } from './command.ts';
import { defineCart, definePlace, text } from './order-place.ts';
import { describeOrder, listOrders, paymentText } from './order-text.ts';
import { PAGE_OPTIONS, pageArguments } from './page.ts';

/** `fobd order`: what people have bought, whether it is paid, and what was sent. */

export const command = commandGroup(
  'order',
  'Carts and orders: place, pay, ship and cancel them.',
  [
    defineCart,
    definePlace,
    defineList,
    defineShow,
    definePay,
    defineShip,
    defineCancel,
    defineSendKeys,
  ],
);

const ORDER = { type: 'string', demandOption: true, describe: 'Its number: SO-10001' } as const;

function defineList(parser: Parser, choose: Choose): void {
  parser.command(
    'list',
    'List orders',
    (inner) =>
      inner.options({
        account: text('Only what this account has ordered'),
        state: { choices: ORDER_STATES, requiresArg: true, describe: 'Only these' },
        'purchase-order': text('Only those of this purchase order'),
        reference: text('Only what this card payment has paid'),
        ...PAGE_OPTIONS,
      }),
    (args) => {
      const query = {
        purchaser: accountArgument(args.account),
        state: args.state,
        purchaseOrder: args['purchase-order'],
        reference: args.reference,
        ...pageArguments(args),
      };
      choose(args, async ({ withClient, print }) => {
        const page = await withClient((client) => client.call('listOrders', { query }));
        return print(page, listOrders(page));
      });
    },
  );
}

function defineShow(parser: Parser, choose: Choose): void {
  parser.command(
    'show <order>',
    'Show one order',
    (inner) => inner.positional('order', ORDER),
    (args) => {
      const params = { order: orderArgument(args.order) };
      choose(args, async ({ withClient, print }) => {
        const reply = await withClient((client) => client.call('getOrder', { params }));
        return print(reply, describeOrder(reply.order));
      });
    },
  );
}

function definePay(parser: Parser, choose: Choose): void {
  parser.command(
    'pay <order>',
    'Say that its money has come; what was bought is issued then',
    (inner) =>
      inner.positional('order', ORDER).option('reference', {
        ...text('Of the payment: a line of the statement; the same twice is one payment'),
        demandOption: true,
      }),
    (args) => {
      const options = {
        params: { order: orderArgument(args.order) },
        body: { reference: args.reference },
      };
      choose(args, async ({ withClient, print }) => {
        const reply = await withClient((client) => client.call('payOrder', options));
        return print(reply, paymentText(reply));
      });
    },
  );
}

function defineShip(parser: Parser, choose: Choose): void {
  parser.command(
    'ship <order>',
    'Note that its hardware tokens were sent; the purchaser is told',
    (inner) =>
      inner.positional('order', ORDER).options({
        carrier: text('Who brings them'),
        tracking: text('The number to follow the parcel by'),
        token: {
          type: 'array',
          string: true,
          requiresArg: true,
          describe: 'Serial of a token in the parcel; give it once for each',
        },
      }),
    (args) => {
      const options = {
        params: { order: orderArgument(args.order) },
        body: {
          carrier: args.carrier,
          tracking: args.tracking,
          serials: args.token?.map(String),
        },
      };
      choose(args, async ({ withClient, print }) => {
        const reply = await withClient((client) => client.call('shipOrder', options));
        return print(reply, describeOrder(reply.order));
      });
    },
  );
}

function defineCancel(parser: Parser, choose: Choose): void {
  parser.command(
    'cancel <order>',
    'Cancel it, while it is unpaid',
    (inner) => inner.positional('order', ORDER),
    (args) => {
      const params = { order: orderArgument(args.order) };
      choose(args, async ({ withClient, print }) => {
        const reply = await withClient((client) => client.call('cancelOrder', { params }));
        return print(reply, `Order ${reply.order.id} is cancelled.`);
      });
    },
  );
}

function defineSendKeys(parser: Parser, choose: Choose): void {
  parser.command(
    'send-keys <order>',
    'Mail other license keys for those that nobody has used; the old ones are void',
    (inner) =>
      inner
        .positional('order', ORDER)
        .option('subscription', text('Only the key of this one: SO-10001-1-1')),
    (args) => {
      const order = orderArgument(args.order);
      const body = { subscription: args.subscription };
      choose(args, async ({ withClient, print }) => {
        const reply = await withClient(async (client) => {
          const { order: found } = await client.call('getOrder', { params: { order } });
          const params = { id: found.purchaser, order };
          return client.call('sendLicenceKeys', { params, body });
        });
        const keys = reply.sent === 1 ? 'key was' : 'keys were';
        return print(reply, `${reply.sent} license ${keys} mailed.`);
      });
    },
  );
}
