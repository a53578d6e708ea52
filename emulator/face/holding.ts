/** A real button as a finger holds it: by mouse, pen, touch, key, or by a screen reader. */
export interface HoldActions {
  /** It went down, or came up again. */
  readonly onDown: (isDown: boolean) => void;
  /** Let go before the hold's time. */
  readonly onPress: () => void;
  /** Held for so long; comes while it is still held. */
  readonly onHold: () => void;
  /** Default: a hold is a press. */
  readonly holdMillis: number | null;
}

const PRESS_KEYS: ReadonlySet<string> = new Set([' ', 'Enter']);

export function makeHoldable(button: HTMLButtonElement, actions: HoldActions): void {
  const { onDown, onPress, onHold, holdMillis } = actions;
  let down: 'no' | 'down' | 'held' = 'no';
  let clickIsKnown = false;
  let timer = 0;

  const begin = (): void => {
    if (down !== 'no') return;
    down = 'down';
    onDown(true);
    if (holdMillis === null) return;
    timer = window.setTimeout(() => {
      down = 'held';
      onHold();
    }, holdMillis);
  };
  const end = (counts: boolean): void => {
    const was = down;
    window.clearTimeout(timer);
    down = 'no';
    if (was === 'no') return;
    onDown(false);
    if (was === 'down' && counts) onPress();
  };

  button.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    // A finger that slides off still holds it.
    button.setPointerCapture(event.pointerId);
    clickIsKnown = true;
    begin();
  });
  button.addEventListener('pointerup', () => end(true));
  button.addEventListener('pointercancel', () => {
    clickIsKnown = false;
    end(false);
  });
  // A long touch would open a menu of the browser's own.
  button.addEventListener('contextmenu', (event) => event.preventDefault());
  button.addEventListener('keydown', (event) => {
    if (!PRESS_KEYS.has(event.key) || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    if (!event.repeat) begin();
  });
  button.addEventListener('keyup', (event) => {
    if (!PRESS_KEYS.has(event.key)) return;
    event.preventDefault();
    end(true);
  });
  button.addEventListener('blur', () => end(false));
  button.addEventListener('click', ({ detail }) => {
    // A click that no finger or key made comes from a screen reader or a voice. A long touch ends
    // without a click, but a finger's is counted: one without a count is none of its.
    if (!clickIsKnown || detail === 0) onPress();
    clickIsKnown = false;
  });
}
