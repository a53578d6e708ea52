import { place } from './elements.ts';

/** What the page says by itself: aloud to those who listen, and in a line at its foot. */
export interface Notices {
  /** Only aloud: what shows on a display is seen there. */
  say(text: string): void;
  /** At the foot for a while, and aloud. */
  tell(text: string): void;
  /** At the foot until it is taken away. */
  keep(text: string): void;
  takeAway(): void;
}

const TOLD_MILLIS = 6000;

export function createNotices(): Notices {
  const said = place('said');
  const notice = place('notice');
  let timer = 0;
  const show = (text: string): void => {
    window.clearTimeout(timer);
    notice.textContent = text;
  };
  const takeAway = (): void => show('');
  return {
    say(text) {
      said.textContent = text;
    },
    tell(text) {
      show(text);
      timer = window.setTimeout(takeAway, TOLD_MILLIS);
    },
    keep: show,
    takeAway,
  };
}

/** Digits one by one, so that a code is not read as a number; a word as it is. */
export function spoken(display: string): string {
  return /^[0-9?-]+$/.test(display) ? [...display].join(' ') : display;
}
