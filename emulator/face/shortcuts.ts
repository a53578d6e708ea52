import type { TokenView } from '../control/wire.ts';
import type { TokenCard } from './token-card.ts';

/** What a key means that was struck on the page, not in one of its fields. */
export interface Shortcut {
  readonly act: 'copy' | 'press' | 'key';
  /** Which key of the PIN pad. */
  readonly key?: string;
  readonly view: TokenView;
}

/** Fields and buttons keep the keys that are theirs. */
const FIELDS = 'input, select, textarea';
const CONTROLS = `${FIELDS}, button, a`;

/** It is meant for the token that has the focus, or for the only one there is. */
export function readShortcut(
  event: KeyboardEvent,
  cards: readonly TokenCard[],
): Shortcut | undefined {
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return undefined;
  const target = event.target instanceof Element ? event.target : document.body;
  if (target.closest(`${FIELDS}, #inspector`) !== null) return undefined;
  const focused = cards.find(({ element }) => element.contains(target));
  const card = focused ?? (cards.length === 1 ? cards[0] : undefined);
  if (card === undefined) return undefined;
  const view = card.view();
  if (event.key === 'c' || event.key === 'C') return { act: 'copy', view };
  const isOnControl = target.closest(CONTROLS) !== null;
  if (view.controls === 'pinPad') {
    if (/^[0-9]$/.test(event.key)) return { act: 'key', key: event.key, view };
    if (event.key === 'Enter' && !isOnControl) return { act: 'key', key: 'enter', view };
  }
  const presses = event.key === ' ' && view.controls !== 'none' && !isOnControl;
  return presses ? { act: 'press', view } : undefined;
}
