import { maskNumber } from '../phones/number.ts';
import type { Phone } from '../phones/record.ts';

const WAYS = { text: 'Text to', voice: 'Call to' } as const;

/** How a code comes to it, and its last three digits. */
export const phoneName = ({ kind, number }: Phone): string => `${WAYS[kind]} ${maskNumber(number)}`;
