/** What a fob is made of, on a light page and on a dark one. */

export const SCHEMES = ['light', 'dark'] as const;
export type Scheme = (typeof SCHEMES)[number];

/** `#rrggbb` throughout, so that one can be mixed from two. */
export interface Colours {
  /** The reflector behind the glass, a segment that is off, and one that is wholly on. */
  readonly glass: string;
  readonly ghost: string;
  readonly ink: string;
  /** The frame that the glass is sunk in. */
  readonly bezel: string;
  readonly bezelEdge: string;
  /** The case: its rim, which light falls on, its face, and what is printed on it. */
  readonly caseShade: string;
  readonly caseFace: string;
  readonly caseRim: string;
  readonly print: string;
  /** The button: its well, its side, its face, and its face while it is pressed. */
  readonly well: string;
  readonly keySide: string;
  readonly keyFace: string;
  readonly keyPressed: string;
  readonly keyRim: string;
  readonly keyPrint: string;
  /** The key ring. */
  readonly metal: string;
  readonly metalEdge: string;
  readonly metalShine: string;
  /** The label on the back. */
  readonly paper: string;
  readonly paperEdge: string;
  readonly paperInk: string;
  readonly paperGrey: string;
  /** What the fob lies on is dimmed by its shadow so much. */
  readonly shadow: number;
}

export const COLOURS: Readonly<Record<Scheme, Colours>> = {
  light: {
    glass: '#c6cfbf',
    ghost: '#b9c3b3',
    ink: '#1b221d',
    bezel: '#1d2430',
    bezelEdge: '#5d6a80',
    caseShade: '#26324a',
    caseFace: '#3b4a66',
    caseRim: '#6d7d9b',
    print: '#b9c4d8',
    well: '#2a364f',
    keySide: '#b9752a',
    keyFace: '#e59a41',
    keyPressed: '#cf8632',
    keyRim: '#f4bd78',
    keyPrint: '#4b2d0b',
    metal: '#aeb5bf',
    metalEdge: '#767e8a',
    metalShine: '#eef1f4',
    paper: '#f4f3ee',
    paperEdge: '#1f2a40',
    paperInk: '#1c212a',
    paperGrey: '#626a76',
    shadow: 0.05,
  },
  dark: {
    glass: '#aab4a4',
    ghost: '#9da898',
    ink: '#141a16',
    bezel: '#0f141c',
    bezelEdge: '#4a566b',
    caseShade: '#1e2839',
    caseFace: '#35435c',
    caseRim: '#65758f',
    print: '#aab7cc',
    well: '#222c40',
    keySide: '#a1641f',
    keyFace: '#d28a37',
    keyPressed: '#b8762b',
    keyRim: '#e6ad67',
    keyPrint: '#3c2408',
    metal: '#8f97a3',
    metalEdge: '#565e69',
    metalShine: '#d6dbe2',
    paper: '#dedcd4',
    paperEdge: '#151d2c',
    paperInk: '#171b22',
    paperGrey: '#555c67',
    shadow: 0.09,
  },
};

/** What lies between two colours: the first at 0, the second at 1. */
export function mix(from: string, to: string, share: number): string {
  const kept = Math.min(1, Math.max(0, share));
  const channels = [1, 3, 5].map((at) => {
    const [low, high] = [from, to].map((colour) => Number.parseInt(colour.slice(at, at + 2), 16));
    const value = Math.round((low ?? 0) + ((high ?? 0) - (low ?? 0)) * kept);
    return value.toString(16).padStart(2, '0');
  });
  return `#${channels.join('')}`;
}
