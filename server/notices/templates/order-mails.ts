import { dayOf, MANAGE_OTP, type Part, SIGN_IN, type Template } from './mail-body.ts';

/** From the order to the licence key (seeds 000, 002, 003). */

const linesOf = (text: string): Part => ({
  lines: text.split('\n').filter((line) => line.trim() !== ''),
});

export const orderConfirmation: Template<'orderConfirmation'> = ({ order, lines, payment }) => ({
  subject: `Your order ${order}`,
  parts: [
    `Thank you for your order. Its number is ${order}; please give it when you write to us.`,
    linesOf(lines),
    { facts: [['Payment', payment]] },
    'Each license key comes in a mail of its own, once your payment has been processed: within ' +
      '24 hours if you pay by card, and after your payment has come in if you pay by invoice.',
    'A hardware token can take up to five days to arrive. Keep its license key until you have ' +
      'the token in your hands: registration asks for its serial number and two of its codes.',
  ],
});

export const invoice: Template<'invoice'> = ({ order, lines, purchaseOrder }) => ({
  subject: `Invoice for your order ${order}`,
  parts: [
    `This is what we invoice for order ${order}.`,
    linesOf(lines),
    {
      facts: [
        ['Order', order],
        ['Purchase order', purchaseOrder],
      ],
    },
    'License keys are sent, and renewals carried out, once your payment has been received and ' +
      'processed. Please name the order in your payment.',
  ],
});

export const orderCancelled: Template<'orderCancelled'> = ({ order }) => ({
  subject: `Your order ${order} is cancelled`,
  parts: [
    `Order ${order} has been cancelled. Nothing of it will be sent, and there is nothing to pay.`,
    'If you did not expect this, please write to us and give the number of the order.',
  ],
});

export const lineRefused: Template<'lineRefused'> = ({ order, product, subscription }) => ({
  subject: `A part of your order ${order} could not be carried out`,
  parts: [
    `Your payment for order ${order} has come, and one thing in it cannot be carried out any ` +
      'more: what it was bought for has been revoked in the meantime, and that is final.',
    {
      facts: [
        ['Product', product],
        ['Subscription', subscription],
      ],
    },
    'What was paid for it is to be given back to you. If it has not come within a few days, ' +
      'please write to us and give the number of the order. Everything else in the order is ' +
      'carried out.',
    'For another credential, please purchase a new one.',
  ],
});

const HOW_TO_REDEEM: readonly Part[] = [
  `To use it: ${SIGN_IN}, ${MANAGE_OTP}, then Purchase or Register Credentials, ` +
    'and enter the license key. What comes next is shown there, step by step.',
  'If it is for a hardware token, wait until the token has arrived. If identity proofing was ' +
    'bought with it, make sure that the name in the account is the legal name.',
  'The key can be used once. Until then whoever has it can use it, so pass it on only to the ' +
    'person that it is meant for.',
];

export const licenceKey: Template<'licenceKey'> = (values) => ({
  subject: `Your license key from order ${values.order}`,
  parts: [
    `Your payment for order ${values.order} has been processed. Here is your license key:`,
    { exact: values.licenceKey },
    subscriptionFacts(values),
    ...HOW_TO_REDEEM,
  ],
});

export const sponsoredKey: Template<'sponsoredKey'> = ({ organisation, ...values }) => ({
  subject: `${organisation || 'Your company'} has paid for your credential`,
  parts: [
    `${organisation || 'Your company'} has paid for a credential for you. ` +
      'Here is your license key:',
    { exact: values.licenceKey },
    subscriptionFacts(values),
    ...HOW_TO_REDEEM,
  ],
});

const subscriptionFacts = ({
  order,
  product,
  subscription,
  expires,
}: {
  readonly order: string;
  readonly product: string;
  readonly subscription: string;
  readonly expires: string;
}): Part => ({
  facts: [
    ['Order', order],
    ['Product', product],
    ['Subscription', subscription],
    ['Valid until', dayOf(expires)],
  ],
});

export const shipped: Template<'shipped'> = ({ order, shipped: day, carrier, tracking }) => ({
  subject: `Your order ${order} has been sent`,
  parts: [
    `The hardware tokens of order ${order} were sent on ${dayOf(day)}.`,
    {
      facts: [
        ['Carrier', carrier],
        ['Tracking', tracking],
      ],
    },
    'They can take up to five days to arrive. Register each with its license key, its serial ' +
      'number, which stands on its back, and two of its codes.',
  ],
});
