import type { ProfileName, State } from '../../firmware-spec/vocabulary.ts';
import type { TokenParameters } from '../../shared/types.ts';
import type { Frame } from '../device/types.ts';

/** What the control interface says, as JSON. Types only: the page in the browser reads them too. */

/** Raised when something that clients rely on changes. */
export const PROTOCOL_VERSION = 1;

/** A token as a person has it before them. Times are RFC 3339 in UTC. */
export interface TokenView {
  readonly serial: string;
  readonly profile: ProfileName;
  /** What a person would call the model. */
  readonly title: string;
  readonly mode: 'live' | 'simulated';
  readonly type: 'event' | 'time';
  readonly algorithm: TokenParameters['algorithm'];
  readonly digits: TokenParameters['digits'];
  /** Seconds; null for event tokens. */
  readonly stepSeconds: number | null;
  readonly manufacturer: string | null;
  readonly issuer: string | null;
  /** What its person can press: one button, a PIN pad, or nothing (always lit). */
  readonly controls: 'button' | 'pinPad' | 'none';
  /** Held so long, the button opens the menu; null without one. */
  readonly holdMillis: number | null;
  /** The token's own true time: the computer's clock, `aheadMillis` on. */
  readonly at: string;
  readonly aheadMillis: number;
  readonly state: State;
  /** Read off the segments as an eye would. */
  readonly display: string;
  /** What the seed gives; null unless a code shows. */
  readonly code: string | null;
  readonly frame: Frame;
  /** Until what shows is replaced or goes dark; null when nothing will. */
  readonly remainingMillis: number | null;
  readonly celsius: number;
  readonly faults: readonly FaultView[];
}

export interface FaultView {
  readonly name: string;
  readonly attributes: Readonly<Record<string, number | string | boolean>>;
  readonly probability: number;
  readonly randomSeed: number;
  readonly since: string;
}

/** What is inside, for a tester. Never the seed, never the PIN. */
export interface StateView {
  readonly serial: string;
  readonly state: State;
  readonly at: string;
  /** True time up to which its life has been lived. */
  readonly asOf: string;
  readonly aheadMillis: number;
  readonly madeAt: string;
  /** What its own clock gives, and by how much that is off. */
  readonly deviceTime: string;
  readonly offsetMillis: number;
  readonly counter: number | null;
  readonly presses: number;
  readonly celsius: number;
  readonly chargeMicroampHours: number;
  readonly cell: { readonly share: number; readonly volts: number; readonly ohms: number };
  readonly wrongPins: number;
  readonly locked: boolean;
  readonly memoryLost: boolean;
  readonly disabled: boolean;
}

/** One entry of the catalogue of faults. */
export interface FaultKindView {
  readonly name: string;
  /** What the person sees, one sentence. */
  readonly person: string;
  /** What a server will see, one sentence. */
  readonly server: string;
  readonly attributes: readonly AttributeView[];
}

export type AttributeView = { readonly name: string; readonly describe: string } & (
  | {
      readonly type: 'number' | 'integer';
      readonly min: number;
      readonly max: number;
      readonly default: number;
      /** What it is counted in; empty for a bare number. */
      readonly unit: string;
    }
  | { readonly type: 'choice'; readonly choices: readonly string[]; readonly default: string }
);

/** RFC 9457, as every error is answered. */
export interface ProblemView {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly nextStep?: string;
  readonly errors?: readonly { readonly field: string; readonly code: string }[];
}

/** What is sent over the WebSocket without being asked for. */
export type Notice =
  | {
      readonly event: 'hello';
      readonly protocolVersion: number;
      readonly qa: boolean;
      readonly tokens: readonly TokenView[];
    }
  | { readonly event: 'changed'; readonly token: TokenView }
  | { readonly event: 'removed'; readonly serial: string };

/** The answer to a command over the WebSocket. */
export type Answer =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number | null; readonly error: ProblemView };
