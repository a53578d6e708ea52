import { PROFILES } from '../../firmware-spec/profiles/profiles.ts';
import type { Code, Serial, TokenParameters, UnixMillis } from '../../shared/types.ts';
import type { TokenView } from '../control/wire.ts';
import type { Reading } from '../device/types.ts';
import { type FobKey, type FobPlan, planFob } from '../picture/fob-plan.ts';
import { drawFobSvg } from '../picture/fob-svg.ts';

/** The token as it lies on the page. */

export function planOf(view: TokenView): FobPlan {
  return planFob(PROFILES[view.profile]);
}

export interface FrontOptions {
  readonly isDark: boolean;
  readonly pressed: FobKey | undefined;
}

export function drawFront(view: TokenView, { isDark, pressed }: FrontOptions): string {
  return drawFobSvg(readingOf(view), {
    ...identityOf(view),
    scheme: isDark ? 'dark' : 'light',
    ...(pressed === undefined ? {} : { pressed }),
  });
}

export function drawBack(view: TokenView, { isDark }: Pick<FrontOptions, 'isDark'>): string {
  return drawFobSvg(readingOf(view), {
    ...identityOf(view),
    side: 'back',
    scheme: isDark ? 'dark' : 'light',
  });
}

function identityOf(view: TokenView) {
  const { manufacturer, issuer } = view;
  return {
    serial: view.serial as Serial,
    profile: PROFILES[view.profile],
    parameters: parametersOf(view),
    labels: {
      ...(manufacturer === null ? {} : { manufacturer }),
      ...(issuer === null ? {} : { issuer }),
    },
  };
}

function parametersOf({ algorithm, digits, stepSeconds }: TokenView): TokenParameters {
  return stepSeconds === null
    ? { type: 'event', algorithm, digits }
    : { type: 'time', algorithm, digits, stepSeconds };
}

function readingOf({ at, state, frame, display, code, remainingMillis }: TokenView): Reading {
  return {
    at: Date.parse(at) as UnixMillis,
    state,
    frame,
    display,
    code: code as Code | null,
    remainingMillis,
  };
}
