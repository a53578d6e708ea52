import type { Colours } from './colours.ts';
import type { FobPlan } from './fob-plan.ts';
import { circle, element, filled, roundedRect, short } from './markup.ts';

/** The case of a fob: what is the same on both sides. */

export interface CaseOptions {
  readonly colours: Colours;
  /** Whether the case lies upside down: light still falls from above. */
  readonly upsideDown: boolean;
}

const MARGIN = 20;
const HOLE = { x: 118, y: 160, radius: 25 } as const;
const RING = { x: 64, radius: 46, thickness: 9 } as const;

/** Right of the neck a rounded block, left of it a loop for the key ring. */
const FOB_OUTLINE =
  'M250 24H826C908 24 938 70 938 160C938 250 908 296 826 296H250C198 296 188 200.8 129.3 213.3' +
  'A54.5 54.5 0 1 1 129.3 106.7C188 119.2 198 24 250 24Z';

function outlineOf({ shape, width, height }: FobPlan): string {
  if (shape === 'fob') return FOB_OUTLINE + circle(HOLE, HOLE.radius);
  const box = { x: MARGIN, y: MARGIN, width: width - 2 * MARGIN, height: height - 2 * MARGIN };
  return roundedRect(box, 56);
}

/** The case with shadow and key ring, as if nothing stood on it. */
export function drawCase(plan: FobPlan, { colours, upsideDown }: CaseOptions): string {
  const down = upsideDown ? -1 : 1;
  const outline = outlineOf(plan);
  const moved = (by: number) => ({
    transform: `translate(0 ${short(by * down)})`,
    'fill-rule': 'evenodd',
  });
  const shadow = [3, 6, 9, 12].map((by) =>
    filled(outline, '#000000', { ...moved(by), 'fill-opacity': colours.shadow }),
  );
  const ring = plan.shape === 'fob' ? drawRing(colours) : { behind: '', before: '' };
  return (
    shadow.join('') +
    ring.behind +
    filled(outline, colours.caseShade, { 'fill-rule': 'evenodd' }) +
    filled(outline, colours.caseRim, moved(-2.5)) +
    filled(outline, colours.caseFace, moved(-0.5)) +
    ring.before
  );
}

/** The ring goes through the hole: its upper half lies before the loop, the lower one behind. */
function drawRing({ metal, metalEdge, metalShine }: Colours): { behind: string; before: string } {
  const [from, to] = [RING.x - RING.radius, RING.x + RING.radius];
  const upper = `M${from} ${HOLE.y}A${RING.radius} ${RING.radius} 0 0 1 ${to} ${HOLE.y}`;
  const drawn = (d: string) =>
    [
      { stroke: metalEdge, 'stroke-width': RING.thickness + 2.5 },
      { stroke: metal, 'stroke-width': RING.thickness },
      { stroke: metalShine, 'stroke-width': RING.thickness / 4 },
    ]
      .map((style) => element('path', { d, fill: 'none', ...style }))
      .join('');
  return { behind: drawn(circle({ x: RING.x, y: HOLE.y }, RING.radius)), before: drawn(upper) };
}
