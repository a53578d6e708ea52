import type { FaultKindView, Notice, TokenView } from '../control/wire.ts';
import { createCopier } from './clipboard.ts';
import { CommandError, connect } from './connection.ts';
import { make, place } from './elements.ts';
import { createInspector, type Inspector } from './inspector.ts';
import { createNotices, spoken } from './notices.ts';
import { readShortcut } from './shortcuts.ts';
import { canBeCopied, createTokenCard, type TokenActions, type TokenCard } from './token-card.ts';

/** The page: tokens as the program tells them, and what a person does to them. */

const home = place('tokens');
const notices = createNotices();
const cards = new Map<string, TokenCard>();
const darkness = window.matchMedia('(prefers-color-scheme: dark)');
let inspector: Inspector | undefined;
let kinds: readonly FaultKindView[] | undefined;

const socketAddress = new URL('v1/events', document.baseURI);
socketAddress.protocol = socketAddress.protocol.replace('http', 'ws');

const connection = connect(socketAddress, {
  onNotice: hear,
  onUp: () => notices.takeAway(),
  onDown() {
    document.body.classList.add('down');
    notices.keep('The token cannot be reached. Trying again …');
  },
});
const copier = createCopier({
  onCopied: () => notices.tell('Code copied. It leaves the clipboard in 30 seconds.'),
  onCleared: () => notices.tell('The code has left the clipboard.'),
  onLeft: () => notices.tell('The code may still be on the clipboard: copy something else.'),
  onRefused: () => notices.tell('The browser did not let the page copy.'),
});

/** Carries a command out and shows what came of it; a refusal is told. */
async function command(name: string, parameters: object): Promise<unknown> {
  try {
    return await connection.send(name, parameters);
  } catch (error) {
    notices.tell(error instanceof CommandError ? error.message : 'That failed.');
    return undefined;
  }
}

function actions(qa: boolean): TokenActions {
  return {
    press,
    key: keyPress,
    copy,
    inspect: qa ? inspect : undefined,
    isDark: () => darkness.matches,
  };
}

function press(serial: string, holdMillis: number): void {
  const hold = holdMillis > 0 ? { hold: `${holdMillis}ms` } : {};
  void command('press', { serial, ...hold });
}

function keyPress(serial: string, key: string): void {
  void command('keys', { serial, keys: [key] });
}

function copy(serial: string): void {
  const view = cards.get(serial)?.view();
  if (view === undefined || !canBeCopied(view)) notices.tell('No code shows: press the button.');
  else void copier.copy(view.display.replaceAll(' ', ''));
}

function inspect(serial: string): void {
  const card = cards.get(serial);
  if (inspector === undefined || card === undefined) return;
  const isOpen = inspector.serial() === serial;
  if (isOpen) inspector.close();
  else inspector.open(card.view());
  markInspected();
}

function markInspected(): void {
  const inspected = inspector?.serial();
  document.body.classList.toggle('inspecting', inspected !== undefined);
  for (const [serial, { element }] of cards) {
    const button = element.querySelector('.inspect');
    button?.setAttribute('aria-expanded', String(serial === inspected));
  }
}

function hear(notice: Notice): void {
  switch (notice.event) {
    case 'hello':
      greet(notice);
      break;
    case 'changed':
      show(notice.token, inspector !== undefined);
      break;
    case 'removed':
      remove(notice.serial);
      break;
  }
}

function greet({ qa, tokens }: Extract<Notice, { event: 'hello' }>): void {
  document.body.classList.remove('down');
  document.body.classList.toggle('qa', qa);
  if (qa && inspector === undefined) {
    inspector = createInspector({ command, faultKinds, onClose: markInspected });
    document.body.append(inspector.element);
  }
  const here = new Set(tokens.map(({ serial }) => serial));
  for (const serial of [...cards.keys()]) if (!here.has(serial)) remove(serial);
  for (const view of tokens) show(view, qa);
  showWhetherEmpty();
}

async function faultKinds(): Promise<readonly FaultKindView[]> {
  const answer = (await command('faults', {})) as { items: FaultKindView[] } | undefined;
  kinds ??= answer?.items;
  return kinds ?? [];
}

function show(view: TokenView, qa: boolean): void {
  const known = cards.get(view.serial);
  const before = known?.view().display ?? '';
  if (known === undefined) add(createTokenCard(view, actions(qa)));
  else known.show(view);
  if (inspector?.serial() === view.serial) inspector.show(view);
  if (view.display === before || view.display === '') return;
  const whose = cards.size > 1 ? `${view.serial} shows ` : '';
  notices.say(`${whose}${spoken(view.display)}`);
}

/** In the order of serials. */
function add(card: TokenCard): void {
  const { serial } = card.view();
  cards.set(serial, card);
  const later = [...cards.keys()].filter((other) => other > serial).sort()[0];
  home.insertBefore(card.element, later === undefined ? null : (cards.get(later)?.element ?? null));
  showWhetherEmpty();
}

function remove(serial: string): void {
  cards.get(serial)?.element.remove();
  cards.delete(serial);
  if (inspector?.serial() === serial) inspector.close();
  showWhetherEmpty();
}

function showWhetherEmpty(): void {
  home.querySelector('.empty')?.remove();
  const [only] = cards.keys();
  document.title = cards.size === 1 && only !== undefined ? only : 'Tokens';
  home.classList.toggle('several', cards.size > 1);
  if (cards.size > 0) return;
  const text = 'There is no token here. Make one with “fob make”: it will appear by itself.';
  home.append(make('p', { class: 'empty', text }));
}

document.addEventListener('keydown', (event) => {
  const shortcut = readShortcut(event, [...cards.values()]);
  if (shortcut === undefined) return;
  event.preventDefault();
  const { serial } = shortcut.view;
  if (shortcut.key !== undefined) keyPress(serial, shortcut.key);
  else if (shortcut.act === 'copy') copy(serial);
  else press(serial, 0);
});
darkness.addEventListener('change', () => {
  for (const card of cards.values()) card.redraw();
});
