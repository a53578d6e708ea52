import type { ReplyOf } from '../../shared/wire/operations.ts';
import { formatFields, formatTable } from './table.ts';

type TokenView = ReplyOf<'getToken'>['token'];

const NONE = '-';
const orNone = (texts: readonly string[]): string => (texts.length === 0 ? NONE : texts.join(', '));

export function describeToken(token: TokenView): string {
  const step = token.stepSeconds === undefined ? '' : `, ${token.stepSeconds} s`;
  return formatFields({
    serial: token.serial,
    state: token.life,
    holds: orNone(token.holds),
    account: token.account ?? NONE,
    'made for': token.intendedAccount,
    kind: `${token.type}, ${token.algorithm}, ${token.digits} digits${step}`,
    made: madeBy(token),
    emulated: token.emulated && EMULATED[token.emulated],
    imported: token.importedAt,
    registered: token.registeredAt,
    revoked: token.revokedAt,
    'last accepted': token.lastAcceptedAt,
    clock: token.clock && clockText(token.clock),
    window: token.clock && windowText(token.clock),
    'next counter': token.nextCounter?.toString(),
    failures: `${token.failuresInRow} in a row, ${token.failuresSinceSuccess} since success`,
    'failed pairs': String(token.failedPairs),
    'waits until': token.waitUntil,
  });
}

const EMULATED = {
  marked: 'by an emulator: strength mobileId, not hardwareToken',
  accepted: 'by an emulator, accepted as a hardware token',
} as const;

type ClockView = NonNullable<TokenView['clock']>;

function clockText({ offsetSeconds, uncertaintySeconds, ppm, learntAt }: ClockView): string {
  const offset =
    offsetSeconds === 0 ? 'right' : `${Math.abs(offsetSeconds)} s ${aheadOrBehind(offsetSeconds)}`;
  return `${offset}, give or take ${uncertaintySeconds} s; drifts ${ppm} ppm (learnt ${learntAt})`;
}

const aheadOrBehind = (seconds: number): string => (seconds > 0 ? 'ahead' : 'behind');

const windowText = ({ stepsBefore, stepsAfter }: ClockView): string =>
  `${stepsBefore + 1 + stepsAfter} codes: ` +
  `the predicted one, ${stepsBefore} before and ${stepsAfter} after`;

function madeBy({ manufacturer, model }: TokenView): string | undefined {
  const words = [manufacturer, model].filter((word) => word !== undefined);
  return words.length === 0 ? undefined : words.join(' ');
}

export function listTokens({ items, nextCursor }: ReplyOf<'listTokens'>): string {
  const rows = items.map((token) => [
    token.serial,
    token.life,
    orNone(token.holds),
    token.account ?? NONE,
    token.lastAcceptedAt ?? 'never',
  ]);
  const headings = ['SERIAL', 'STATE', 'HOLDS', 'ACCOUNT', 'LAST ACCEPTED'];
  return formatTable(headings, rows, 'No tokens.') + moreText(nextCursor);
}

/** How to go on where a page was not the last. */
export const moreText = (nextCursor: string | null): string =>
  nextCursor === null ? '' : `\nThere are more: --cursor ${nextCursor}`;
