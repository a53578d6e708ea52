import { GLYPHS, type Glyph, SEGMENTS, SHOWS } from '../../firmware-spec/display.ts';
import {
  EFFECT_MEANINGS,
  EVENT_MEANINGS,
  GUARD_MEANINGS,
  STATE_MEANINGS,
} from '../../firmware-spec/meanings.ts';
import type { Profile } from '../../firmware-spec/profiles/profile.ts';
import { PROFILES } from '../../firmware-spec/profiles/profiles.ts';
import { INITIAL_STATE, TRANSITIONS } from '../../firmware-spec/transitions.ts';
import { STATES } from '../../firmware-spec/vocabulary.ts';
import { FAULT_TABLES } from './fault-tables.ts';
import { meanings, table } from './markdown-table.ts';

/** The parts of firmware-spec/README.md that follow from the data, as Markdown, by their names. */
export const SPEC_TABLES: Readonly<Record<string, () => string>> = {
  states: () => meanings('state', STATE_MEANINGS),
  events: () => meanings('event', EVENT_MEANINGS),
  guards: () => meanings('guard', GUARD_MEANINGS),
  effects: () => meanings('effect', EFFECT_MEANINGS),
  transitions: () =>
    table(
      ['from', 'event', 'guards', 'to', 'effects', 'rule'],
      TRANSITIONS.map(({ from, event, guards, to, effects, rule }) => [
        from,
        event,
        guards.join(', ') || 'none',
        to,
        effects.join(', ') || 'none',
        rule,
      ]),
    ),
  diagram: stateDiagram,
  display: () =>
    table(
      ['state', 'lit', 'cells', 'marks'],
      STATES.map((state) => {
        const { lit, cells, marks } = SHOWS[state];
        return [state, lit ? 'yes' : 'no', cells, marks];
      }),
    ),
  glyphs: () => table(['sign', 'segments', 'mask'], [...GLYPHS].map(glyphRow)),
  profiles: profileTable,
  ...FAULT_TABLES,
};

function stateDiagram(): string {
  const arrows = TRANSITIONS.map(({ from, event, guards, to, effects, rule }) => {
    const condition = guards.length === 0 ? '' : ` [${guards.join(', ')}]`;
    const doing = effects.length === 0 ? '' : ` / ${effects.join(', ')}`;
    return `    ${from} --> ${to}: ${event}${condition}${doing} (${rule})`;
  });
  const lines = ['stateDiagram-v2', `    [*] --> ${INITIAL_STATE}`, ...arrows];
  return ['```mermaid', ...lines, '```'].join('\n');
}

function glyphRow([sign, mask]: readonly [string, number]): string[] {
  const segments = SEGMENTS.filter((_, bit) => (mask & (1 << bit)) !== 0).join('');
  const hexadecimal = `0x${mask.toString(16).padStart(2, '0')}`;
  return [
    sign === (' ' satisfies Glyph) ? 'space' : `\`${sign}\``,
    segments || 'none',
    hexadecimal,
  ];
}

const PROFILE_LINES: readonly [string, (profile: Profile) => string | number][] = [
  ['title', ({ title }) => title],
  ['type', ({ type }) => type],
  ['algorithm', ({ algorithm }) => algorithm],
  ['digits', ({ digits }) => digits],
  ['step', ({ stepSeconds }) => (stepSeconds === undefined ? 'none' : `${stepSeconds} s`)],
  ['cells', ({ display }) => display.cells],
  ['countdown marks', ({ display }) => display.countdownMarks || 'none'],
  ['icons', ({ display }) => display.icons.join(', ')],
  ['display lit for', ({ display, alwaysOn }) => (alwaysOn ? 'ever' : `${display.litSeconds} s`)],
  ['message stands for', ({ display }) => `${display.messageSeconds} s`],
  ['debounce', ({ button }) => `${button.debounceMillis} ms`],
  ['hold', ({ button }) => (button.holdSeconds === undefined ? 'none' : `${button.holdSeconds} s`)],
  ['second press', ({ secondPress }) => secondPress],
  ['menu', ({ menu }) => menu.join(', ') || 'none'],
  ['low cell', ({ messages }) => `\`${messages.lowBattery}\``],
  ['failed self-test', ({ messages }) => `\`${messages.err}\``],
  ['locked', ({ messages }) => lockMessage(messages.deviceLocked)],
  ['erased', ({ messages }) => `\`${messages.erased}\``],
  ['disabled', ({ messages }) => `\`${messages.disabled}\``],
  [
    'PIN',
    ({ pin }) => (pin === undefined ? 'none' : `${pin.digitsMin} to ${pin.digitsMax} digits`),
  ],
  ['PIN tries', ({ pin }) => pin?.tries ?? 'none'],
  ['ends after', ({ alwaysOn }) => (alwaysOn === undefined ? 'never' : `${alwaysOn.years} years`)],
  ['crystal trim', ({ crystal }) => `${crystal.trimPpm} ppm`],
  ['crystal at most', ({ crystal }) => `${crystal.trimPpmMax} ppm`],
  ['cell', ({ cell }) => `${cell.model}, ${cell.capacityMicroampHours / 1000} mAh`],
  ['asleep', ({ cell }) => `${cell.sleepMicroamps} uA`],
  ['a press', ({ cell }) => `${cell.pressMicroampHours} uAh`],
  ['serials', ({ serialPrefix }) => `\`${serialPrefix}00000000\``],
];

function lockMessage(message: string): string {
  return message === 'challenge' ? 'the challenge' : `\`${message}\``;
}

function profileTable(): string {
  const profiles = Object.values(PROFILES);
  return table(
    ['', ...profiles.map(({ name }) => `\`${name}\``)],
    PROFILE_LINES.map(([title, value]) => [title, ...profiles.map((one) => String(value(one)))]),
  );
}
