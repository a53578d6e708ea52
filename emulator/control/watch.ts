import { FobtwinError } from '../../shared/errors.ts';
import { parseSerial, type Serial } from '../../shared/types.ts';
import type { Control } from './control.ts';
import { lookOf, type Seen, tokenView } from './views.ts';
import type { Notice, TokenView } from './wire.ts';

/** Tells when a display, or anything else that can be seen of a token, has changed. */
export interface Watch {
  /** Looks at each token now. */
  look(): Promise<readonly TokenView[]>;
  /** Somebody has just seen this token: whoever else watches hears of it at once. */
  saw(seen: Seen): TokenView;
  /** @returns ends the listening */
  listen(listener: (notice: Notice) => void): () => void;
  /** Something to do now and then; does nothing while nobody listens. */
  tick(): Promise<void>;
}

/** Between two looks at which tokens there are, so many looks at those that were known. */
const TICKS_PER_LISTING = 8;
/** One face shows so many tokens, and looks at so many. */
export const TOKENS_MAX = 64;

export function createWatch(control: Control): Watch {
  const looks = new Map<string, string>();
  const listeners = new Set<(notice: Notice) => void>();
  let ticks = 0;
  let looking = false;

  const tell = (notice: Notice): void => {
    for (const listener of listeners) listener(notice);
  };
  const saw = (seen: Seen): TokenView => {
    const view = tokenView(seen);
    const look = lookOf(view);
    if (looks.get(view.serial) !== look) {
      looks.set(view.serial, look);
      tell({ event: 'changed', token: view });
    }
    return view;
  };
  const gone = (serial: string): void => {
    if (looks.delete(serial)) tell({ event: 'removed', serial });
  };
  const look = async (): Promise<readonly TokenView[]> => {
    const all = (await control.list()).slice(0, TOKENS_MAX);
    const views = all.map(saw);
    const present = new Set(views.map(({ serial }) => serial));
    for (const serial of [...looks.keys()]) if (!present.has(serial)) gone(serial);
    return views;
  };
  const lookAt = async (serial: Serial): Promise<void> => {
    try {
      saw(await control.look(serial));
    } catch (error) {
      // Taken out of the drawer, or damaged in it: the next command says which.
      if (!(error instanceof FobtwinError)) throw error;
      gone(serial);
    }
  };

  return {
    saw,
    look,
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async tick() {
      // A slow disk must not pile looks up.
      if (listeners.size === 0 || looking) return;
      looking = true;
      try {
        ticks += 1;
        if (ticks % TICKS_PER_LISTING === 1) await look();
        else for (const known of looks.keys()) await lookAt(serialOf(known));
      } finally {
        looking = false;
      }
    },
  };
}

function serialOf(text: string): Serial {
  const serial = parseSerial(text);
  if (serial === undefined) throw new FobtwinError('internal', 'A known token has a serial');
  return serial;
}
