import { FobtwinError } from '../../shared/errors.ts';
import { PRODUCT_IDS } from '../../shared/products.ts';
import type { BodyOf } from '../../shared/wire/operations.ts';
import { accountArgument } from './arguments.ts';
import type { Choose, Parser } from './command.ts';
import { describeCart, describeOrder } from './order-text.ts';

/** `fobd order cart` and `place`: what an account chooses, and orders. */

type Line = NonNullable<BodyOf<'placeOrder'>['lines']>[number];
type Address = BodyOf<'placeOrder'>['billing'];

const FORM = 'PRODUCT, PRODUCT:QUANTITY, renewal:SUBSCRIPTION or proofing-upgrade:SUBSCRIPTION';
export const text = (describe: string) =>
  ({ type: 'string', requiresArg: true, describe }) as const;
const several = (describe: string) =>
  ({ type: 'array', string: true, requiresArg: true, describe }) as const;

export function definePlace(parser: Parser, choose: Choose): void {
  parser.command(
    'place <account>',
    'Order for an account what its cart holds, or these products',
    (inner) =>
      inner
        .positional('account', { type: 'string', demandOption: true, describe: 'Who buys' })
        .options({
          ...LINE_OPTIONS,
          product: several(`${FORM}; give it once for each line [default: the cart]`),
          'purchase-order': text('Pay by invoice against this one [default: pay by card]'),
          name: { ...text('Who is billed, and sent to'), demandOption: true },
          address: {
            ...several('Street and house; give it once for each line'),
            demandOption: true,
          },
          city: { ...text('The city'), demandOption: true },
          region: text('The state or province'),
          postcode: text('The postcode'),
          country: { ...text('ISO 3166-1 alpha-2: US'), demandOption: true },
          disclaimer: { type: 'boolean', describe: 'The disclaimer was reviewed and confirmed' },
        }),
    (args) => {
      const address: Address = {
        name: args.name,
        lines: args.address.map(String),
        city: args.city,
        region: args.region,
        postcode: args.postcode,
        country: args.country,
      };
      const purchaseOrder = args['purchase-order'];
      const options = {
        params: { id: accountArgument(args.account) },
        body: {
          lines: args.product && linesArgument(args.product, args),
          shipping: address,
          billing: address,
          payment:
            purchaseOrder === undefined
              ? ({ method: 'card' } as const)
              : ({ method: 'invoice', purchaseOrder } as const),
          disclaimer: args.disclaimer,
        },
      };
      choose(args, async ({ withClient, print }) => {
        const reply = await withClient((client) => client.call('placeOrder', options));
        return print(reply, describeOrder(reply.order));
      });
    },
  );
}

/** The cart of an account, which `order place` orders where no product is given. */
export function defineCart(parser: Parser, choose: Choose): void {
  parser.command(
    'cart <account>',
    'Show what an account has chosen; or put products there in place of that',
    (inner) =>
      inner
        .positional('account', { type: 'string', demandOption: true, describe: 'Whose cart' })
        .options({
          ...LINE_OPTIONS,
          product: several(`${FORM}; give it once for each line`),
          empty: { type: 'boolean', conflicts: 'product', describe: 'Put nothing there' },
        }),
    (args) => {
      const params = { id: accountArgument(args.account) };
      const chosen = args.product ?? (args.empty === true ? [] : undefined);
      const body = chosen && { lines: linesArgument(chosen, args) };
      choose(args, async ({ withClient, print }) => {
        const reply = await withClient((client) =>
          body === undefined
            ? client.call('getCart', { params })
            : client.call('putCart', { params, body }),
        );
        return print(reply, describeCart(reply.cart));
      });
    },
  );
}

/** What is the same for all lines. */
const LINE_OPTIONS = {
  recipient: text('E-mail address of the person for whom the new credentials are'),
  additional: { type: 'boolean', describe: 'New ones beside what could be renewed' },
  'requirements-understood': {
    type: 'boolean',
    describe: 'The requirements of proofing are understood',
  },
} as const;

const linesArgument = (
  lines: readonly (string | number)[],
  given: {
    readonly recipient?: string | undefined;
    readonly additional?: boolean | undefined;
    readonly 'requirements-understood'?: boolean | undefined;
  },
): Line[] => {
  const { recipient, additional, 'requirements-understood': requirementsUnderstood } = given;
  const common = { recipient, additional, requirementsUnderstood };
  return lines.map((line) => lineArgument(String(line), common));
};

type Common = Pick<Line, 'recipient' | 'additional' | 'requirementsUnderstood'>;

/** What a line says by its product's kind; the rest of `common` is not for it. */
function lineArgument(
  line: string,
  { recipient, additional, requirementsUnderstood }: Common,
): Line {
  const [name, detail, ...rest] = line.split(':');
  const product = PRODUCT_IDS.find((id) => id === name);
  if (product === undefined || rest.length > 0) throw noLine(line);
  if (product === 'renewal') return { product, subscription: detail };
  if (product === 'proofing-upgrade') {
    return { product, subscription: detail, requirementsUnderstood };
  }
  if (detail !== undefined && !/^[1-9][0-9]{0,3}$/.test(detail)) throw noLine(line);
  const quantity = detail === undefined ? 1 : Number(detail);
  return { product, quantity, recipient, additional };
}

const noLine = (line: string): FobtwinError =>
  new FobtwinError('usage', `${JSON.stringify(line)} is not a line of an order`, {
    nextStep: `Write ${FORM}; fobd product list shows the products.`,
  });
