import {
  type CrashImage,
  type CrashPoint,
  crashImage,
  type DiskHistory,
} from '../../support/crash-images.ts';
import { JOURNAL, LOG } from './commits.ts';
import type { TracedRun } from './traced-run.ts';

/** Where in a traced run the power goes. */

/**
 * Of seven four while a commit is written and not yet flushed, two while the files change that
 * LevelDB keeps (in a compaction, or as it starts) and one where anything happened. Every other
 * point with a torn tail.
 */
export function chooseCrashPoints(
  run: TracedRun,
  images: number,
  uniform: () => number,
): CrashPoint[] {
  const unflushed = unflushedLines(run.history);
  const eventful = eventfulLines(run);
  const { from, to } = compactionOf(run) ?? { from: 0, to: run.sent[0]?.line ?? 0 };
  const changing = eventful.filter((line) => line >= from && line <= to);
  const kinds = [unflushed, unflushed, unflushed, unflushed, changing, changing, eventful];
  return Array.from({ length: images }, (_, place) => {
    const lines = kinds[place % kinds.length] ?? eventful;
    const line = lines[Math.floor(uniform() * lines.length)] ?? 0;
    return place % 2 === 0 ? { line } : { line, torn: uniform };
  });
}

/** Lines at which something happened to a file or was acknowledged, and the one after each. */
function eventfulLines({ history, sent }: TracedRun): number[] {
  const { files, names } = history;
  const lines = [
    ...sent.map(({ line }) => line),
    ...names.map(({ line }) => line),
    ...files.flatMap(({ writes }) => writes.map(({ began }) => began)),
    ...files.flatMap(({ flushes }) => flushes.flatMap(({ began, ended }) => [began, ended])),
    ...files.flatMap(({ placed }) => placed.flatMap(({ began, ended }) => [began, ended])),
  ];
  const known = lines.filter((line) => Number.isFinite(line));
  return [...new Set(known.flatMap((line) => [line, line + 1]))];
}

/** Lines at which a commit had begun to be written and was not yet flushed. */
function unflushedLines({ files }: DiskHistory): number[] {
  const inLogs = files
    .filter(({ name }) => LOG.test(name))
    .flatMap(({ writes, flushes }) =>
      writes.flatMap(({ length, began }) =>
        linesBetween(began, flushes.find((flush) => flush.length >= length)?.ended),
      ),
    );
  const inJournals = files.flatMap(({ placed }) =>
    placed.flatMap(({ began, ended }) => linesBetween(began, ended)),
  );
  return [...inLogs, ...inJournals];
}

function linesBetween(began: number, ended = Number.POSITIVE_INFINITY): number[] {
  const end = Number.isFinite(ended) ? ended : began + 1;
  const length = Math.ceil(end - began);
  return Array.from({ length }, (_, place) => Math.min(began + 1 + place, end));
}

/**
 * From where LevelDB begins a second log in the middle of the load to where it removes the first:
 * meanwhile what the first held is written to a table of its own.
 */
export function compactionOf({
  history,
  sent,
}: TracedRun): { readonly from: number; readonly to: number } | undefined {
  const begins = sent[0]?.line ?? Number.POSITIVE_INFINITY;
  const changes = history.names.filter(({ line, name }) => line > begins && LOG.test(name));
  const from = changes.find(({ file }) => file !== undefined)?.line;
  const to = changes.find(({ file }) => file === undefined)?.line;
  return from === undefined || to === undefined ? undefined : { from, to };
}

/** Whether an image lacks some of what had been written to log or journal at that line. */
export function lacksWritten(history: DiskHistory, line: number, image: CrashImage): boolean {
  const whole = crashImage(history, { line, torn: () => 1 });
  return [...whole].some(
    ([name, content]) => isCommitted(name) && !content.equals(image.get(name) ?? Buffer.alloc(0)),
  );
}

/** Whether commits are written to the file of this name. */
const isCommitted = (name: string): boolean => LOG.test(name) || JOURNAL.test(name);

/** The history as it would have been, had no commit ever been flushed. */
export function withoutFlushes({ files, names }: DiskHistory): DiskHistory {
  const changed = new Map(
    files.map((file) => {
      const { name, bytes, lengthBefore, writes } = file;
      const placed = file.placed.map((write) => ({ ...write, ended: Number.POSITIVE_INFINITY }));
      const unflushed = { name, bytes, lengthBefore, writes, flushes: [], placed };
      return [file, isCommitted(name) ? unflushed : file];
    }),
  );
  return {
    files: [...changed.values()],
    names: names.map(({ line, name, file }) => ({ line, name, file: file && changed.get(file) })),
  };
}

/** Past everything that was traced. */
export const endOf = ({ calls }: TracedRun): number => (calls.at(-1)?.began ?? 0) + 1;
