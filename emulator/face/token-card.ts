import type { TokenView } from '../control/wire.ts';
import type { FobKey, FobPlan, PlacedKey } from '../picture/fob-plan.ts';
import { make, makeButton, readPicture } from './elements.ts';
import { makeHoldable } from './holding.ts';
import { drawBack, drawFront, planOf } from './pictures.ts';

/** One token on the page: its picture, real buttons over it, and what one can do with it. */
export interface TokenCard {
  readonly element: HTMLElement;
  view(): TokenView;
  show(view: TokenView): void;
  /** The page became light or dark. */
  redraw(): void;
}

export interface TokenActions {
  readonly press: (serial: string, holdMillis: number) => void;
  readonly key: (serial: string, key: string) => void;
  readonly copy: (serial: string) => void;
  /** Opens and closes the drawer of faults; absent in plain mode. */
  readonly inspect?: ((serial: string) => void) | undefined;
  readonly isDark: () => boolean;
}

export function createTokenCard(first: TokenView, actions: TokenActions): TokenCard {
  const plan = planOf(first);
  const { serial } = first;
  let view = first;
  let pressed: FobKey | undefined;

  const front = make('div', { class: 'side front' });
  const back = make('div', { class: 'side back' });
  const draw = (): void => {
    const isDark = actions.isDark();
    front.querySelector('svg')?.remove();
    front.prepend(readPicture(drawFront(view, { isDark, pressed })));
    front.classList.toggle('rotated', view.frame.rotated);
  };
  const drawOther = (): void => {
    back.replaceChildren(readPicture(drawBack(view, { isDark: actions.isDark() })));
  };
  const keys = plan.keys.map((key) =>
    operated(key, plan, {
      view: first,
      actions,
      onDown(isDown) {
        pressed = isDown ? key.key : undefined;
        draw();
      },
    }),
  );
  const layer = make('div', { class: 'keys', children: keys });
  front.append(layer);

  const { body, turn } = makeTurnable(front, back);
  const copy = makeButton('Copy code', () => actions.copy(serial), {
    attributes: { 'aria-keyshortcuts': 'c', title: 'Copies the code; the key c does too' },
  });
  const tools = make('div', { class: 'tools', children: [copy, turn] });
  const { inspect } = actions;
  if (inspect !== undefined) {
    const open = makeButton('Faults', () => inspect(serial), {
      attributes: { 'aria-expanded': 'false', 'aria-controls': 'inspector' },
      class: 'inspect',
    });
    tools.append(open);
  }
  const element = make('article', {
    class: `token ${plan.shape}`,
    attributes: { 'aria-label': `Token ${serial}`, 'data-serial': serial },
    children: [body, tools],
  });
  const show = (next: TokenView): void => {
    view = next;
    draw();
    copy.disabled = !canBeCopied(next);
    element.dataset['state'] = next.state;
    element.dataset['display'] = next.display;
  };
  show(first);
  drawOther();
  return {
    element,
    show,
    view: () => view,
    redraw() {
      draw();
      drawOther();
    },
  };
}

/** The two sides, and the button that turns them: only the one on top can be used. */
function makeTurnable(front: HTMLElement, back: HTMLElement) {
  const body = make('div', { class: 'body', children: [front, back] });
  const turn = makeButton('Turn over', () => turnOver(!body.classList.contains('turned')), {
    attributes: { title: 'The serial stands on the back' },
  });
  const turnOver = (toBack: boolean): void => {
    body.classList.toggle('turned', toBack);
    turn.setAttribute('aria-pressed', String(toBack));
    front.inert = toBack;
    back.inert = !toBack;
  };
  turnOver(false);
  return { body, turn };
}

interface Operation {
  readonly view: TokenView;
  readonly actions: TokenActions;
  readonly onDown: (isDown: boolean) => void;
}

/** A key that does what it is there for. */
function operated(placed: PlacedKey, plan: FobPlan, { view, actions, onDown }: Operation) {
  const { serial, holdMillis } = view;
  const { key } = placed;
  const button = keyButton(placed, plan, serial);
  makeHoldable(button, {
    onDown,
    holdMillis: key === 'button' ? holdMillis : null,
    onPress() {
      if (key === 'button') actions.press(serial, 0);
      else actions.key(serial, key);
    },
    onHold: () => actions.press(serial, holdMillis ?? 0),
  });
  return button;
}

/** Only a code is worth copying, and only as it can be read. */
export function canBeCopied({ code, display }: TokenView): boolean {
  return code !== null && display !== '';
}

/** Lies over the key in the picture, whatever size that has. */
function keyButton({ key, x, y, radius }: PlacedKey, plan: FobPlan, serial: string) {
  const button = make('button', {
    class: 'key',
    attributes: { type: 'button', 'data-key': key, 'aria-label': keyName(key, serial) },
  });
  const share = (part: number, whole: number) => `${((100 * part) / whole).toFixed(3)}%`;
  button.style.left = share(x - radius, plan.width);
  button.style.top = share(y - radius, plan.height);
  button.style.width = share(2 * radius, plan.width);
  button.style.height = share(2 * radius, plan.height);
  return button;
}

function keyName(key: FobKey, serial: string): string {
  if (key === 'button') return `Button of ${serial}`;
  return key === 'enter' ? 'Enter' : key;
}
