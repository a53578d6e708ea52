import { GLYPHS, type Glyph, SEGMENTS, SHOWS } from '../../firmware-spec/display.ts';
import type { Profile } from '../../firmware-spec/profiles/profile.ts';
import { PROFILES } from '../../firmware-spec/profiles/profiles.ts';
import { INITIAL_STATE, TRANSITIONS } from '../../firmware-spec/transitions.ts';
import {
  EFFECT_MEANINGS,
  EVENT_MEANINGS,
  GUARD_MEANINGS,
  STATE_MEANINGS,
  STATES,
} from '../../firmware-spec/vocabulary.ts';

/** The parts of firmware-spec/README.md that follow from the data, as Markdown, by their names. */
export const SPEC_TABLES: Readonly<Record<string, () => string>> = {
  states: () => meanings('state', STATE_MEANINGS),
  events: () => meanings('event', EVENT_MEANINGS),
  guards: () => meanings('guard', GUARD_MEANINGS),
  effects: () => meanings('effect', EFFECT_MEANINGS),
  transitions: () =>
    table(
      ['from', 'event', 'guard', 'to', 'effects', 'rule'],
      TRANSITIONS.map(({ from, event, guard, to, effects, rule }) => [
        from,
        event,
        guard,
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
};

/** Columns are padded as the formatter pads them. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) =>
    Math.max(3, ...[head, ...rows].map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[], filler = ' ') =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0, filler)).join(' | ')} |`;
  const rule = line(
    head.map(() => ''),
    '-',
  );
  return [line(head), rule, ...rows.map((row) => line(row))].join('\n');
}

function meanings(word: string, meaning: Readonly<Record<string, string>>): string {
  return table(
    [word, 'meaning'],
    Object.entries(meaning).map(([name, text]) => [`\`${name}\``, text]),
  );
}

function stateDiagram(): string {
  const arrows = TRANSITIONS.map(({ from, event, guard, to, effects, rule }) => {
    const condition = guard === 'always' ? '' : ` [${guard}]`;
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
  ['display lit for', ({ display }) => `${display.litSeconds} s`],
  ['second press', ({ secondPress }) => secondPress],
  ['crystal trim', ({ crystal }) => `${crystal.trimPpm} ppm`],
  ['crystal at most', ({ crystal }) => `${crystal.trimPpmMax} ppm`],
  ['serials', ({ serialPrefix }) => `\`${serialPrefix}00000000\``],
];

function profileTable(): string {
  const profiles = Object.values(PROFILES);
  return table(
    ['', ...profiles.map(({ name }) => `\`${name}\``)],
    PROFILE_LINES.map(([title, value]) => [title, ...profiles.map((one) => String(value(one)))]),
  );
}
