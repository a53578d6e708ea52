import type { CliEnv } from './env.ts';

/** How far a long work is, for a person who waits for it. */
export interface Progress {
  /** So many are done. */
  show(done: number): void;
  /** Takes the line away again, so that what comes next stands in its place. */
  clear(): void;
}

/**
 * `640/10000`, with the unit if one is given, on standard error, redrawn in place. Nothing where
 * standard error is no terminal, or with `--json`: then a program reads.
 */
export function createProgress(
  { stderr }: Pick<CliEnv, 'stderr'>,
  options: { readonly total: number; readonly json: boolean; readonly unit?: string },
): Progress {
  const { total, json, unit } = options;
  const counted = unit === undefined ? `${total}` : `${total} ${unit}`;
  let width = 0;
  if (json || stderr.isTTY !== true) return { show() {}, clear() {} };
  return {
    show(done) {
      const line = `${done}/${counted}`;
      width = line.length;
      stderr.write(`\r${line}`);
    },
    clear() {
      if (width > 0) stderr.write(`\r${' '.repeat(width)}\r`);
      width = 0;
    },
  };
}
