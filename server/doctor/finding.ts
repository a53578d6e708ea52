/** What the doctor found of one thing: how it is, and what to do about it. */
export interface Finding {
  /** What was looked at: `permissions`, `clock`, … Several findings may be of one check. */
  readonly check: string;
  readonly level: Level;
  /** One sentence. */
  readonly what: string;
  /** What to do; given wherever `level` is not `ok`. */
  readonly next?: string;
}

/** `warn`: goes on, and ought to be seen to. `fail`: does not work, or is not safe. */
export type Level = 'ok' | 'warn' | 'fail';

export const ok = (check: string, what: string): Finding => ({ check, level: 'ok', what });

export const warn = (check: string, what: string, next: string): Finding => ({
  check,
  level: 'warn',
  what,
  next,
});

export const fail = (check: string, what: string, next: string): Finding => ({
  check,
  level: 'fail',
  what,
  next,
});

/** The findings, or that all is well where there are none. */
export const orOk = (found: readonly Finding[], check: string, what: string): readonly Finding[] =>
  found.length === 0 ? [ok(check, what)] : found;

const RANK: Readonly<Record<Level, number>> = { ok: 0, warn: 1, fail: 2 };

/** The gravest of them. */
export const worst = (findings: readonly Finding[]): Level =>
  findings.reduce<Level>((most, { level }) => (RANK[level] > RANK[most] ? level : most), 'ok');
