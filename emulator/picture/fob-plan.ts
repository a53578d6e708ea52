import type { Profile } from '../../firmware-spec/profiles/profile.ts';
import type { Rect, Size } from './markup.ts';

/** What of a fob a finger can press: the button, and the keys of a PIN pad. */
export const FOB_KEYS = [
  'button',
  ...['1', '2', '3', '4', '5', '6', '7', '8', '9', '0'],
  'enter',
] as const;
export type FobKey = (typeof FOB_KEYS)[number];

export interface PlacedKey {
  readonly key: FobKey;
  /** Its middle and its radius. */
  readonly x: number;
  readonly y: number;
  readonly radius: number;
}

/** Where everything lies on a fob's front as it is held upright, in the units of its picture. */
export interface FobPlan extends Size {
  /** A key ring's fob, or a card with a PIN pad. */
  readonly shape: 'fob' | 'card';
  /** The LCD with its frame stands in the middle of this. */
  readonly window: Rect;
  /** An always-on fob has none. */
  readonly keys: readonly PlacedKey[];
}

type Model = Pick<Profile, 'pin' | 'alwaysOn'>;

/**
 * Where a page lays its own buttons over the picture: the same units as the picture's `viewBox`, so
 * that parts of its width and height are parts of the page's.
 *
 *     const { width, height, keys } = planFob(profile);
 *     button.style.left = `${(100 * (key.x - key.radius)) / width}%`;
 */
export function planFob(model: Model): FobPlan {
  return model.pin === undefined ? ringPlan(model) : cardPlan();
}

const RING_SIZE: Size = { width: 960, height: 320 };

function ringPlan({ alwaysOn }: Model): FobPlan {
  const hasButton = alwaysOn === undefined;
  return {
    ...RING_SIZE,
    shape: 'fob',
    window: { x: 226, y: 85, width: hasButton ? 540 : 640, height: 150 },
    keys: hasButton ? [{ key: 'button', x: 846, y: 160, radius: 47 }] : [],
  };
}

const CARD_SIZE: Size = { width: 560, height: 810 };
const PAD = { left: 140, top: 314, pitchX: 140, pitchY: 122, radius: 44 } as const;
/** As on a telephone; the button stands where that has its star. */
const PAD_ROWS: readonly (readonly FobKey[])[] = [
  ['1', '2', '3'],
  ['4', '5', '6'],
  ['7', '8', '9'],
  ['button', '0', 'enter'],
];

function cardPlan(): FobPlan {
  const keys = PAD_ROWS.flatMap((row, rowAt) =>
    row.map((key, column) => ({
      key,
      x: PAD.left + column * PAD.pitchX,
      y: PAD.top + rowAt * PAD.pitchY,
      radius: PAD.radius,
    })),
  );
  return { ...CARD_SIZE, shape: 'card', window: { x: 56, y: 90, width: 448, height: 130 }, keys };
}
