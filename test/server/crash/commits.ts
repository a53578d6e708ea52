import { recordsIn } from '../../../server/store/journal-record.ts';
import { JOURNAL_KEY } from '../../../server/store/keys.ts';
import type { DiskHistory, TracedFile } from '../../support/crash-images.ts';
import { type LoggedRow, readLevelLog } from '../../support/leveldb-log.ts';
import { type Acknowledgement, entryText, readFrom } from './facts.ts';

/** One group commit as the journal has it, or LevelDB's log where it went past the journal. */
export interface Commit {
  readonly rows: readonly LoggedRow[];
  /** Its audit entries, as `entryText` writes them. */
  readonly entries: readonly string[];
  /** The line at which it began to be written. */
  readonly began: number;
  /** The line at which the first flush that covers all of it had ended; infinite without any. */
  readonly durableAt: number;
}

/** The name of a write-ahead log, such as `store/000003.log`: LevelDB's numbers only rise. */
export const LOG = /(?:^|\/)\d+\.log$/;
/** The name of one of the journal's files. */
export const JOURNAL = /(?:^|\/)journal-\d$/;
/** A key of a segment of the audit log: `a`, NUL, the first sequence. */
const SEGMENT = /^a\0\d+$/;

/** Every commit of a traced run, in order. What a checkpoint writes was committed before. */
export function readCommits({ files }: DiskHistory): Commit[] {
  const logs = files.filter(({ name, lengthBefore }) => LOG.test(name) && lengthBefore === 0);
  const journals = files.filter(({ name }) => JOURNAL.test(name));
  return [...logs.flatMap(commitsOfLog), ...journals.flatMap(commitsOfJournal)].toSorted(
    (a, b) => a.began - b.began,
  );
}

const commitsOfLog = ({ bytes, writes, flushes }: TracedFile): Commit[] =>
  readLevelLog(bytes)
    .filter(({ rows }) => rows.every(({ key }) => key !== JOURNAL_KEY))
    .map(({ end, rows }) => ({
      rows,
      entries: entriesIn(rows),
      began: writes.find(({ length }) => length >= end)?.began ?? Number.POSITIVE_INFINITY,
      durableAt: flushes.find(({ length }) => length >= end)?.ended ?? Number.POSITIVE_INFINITY,
    }));

/** Each record is written with one call. */
const commitsOfJournal = ({ placed }: TracedFile): Commit[] =>
  placed.flatMap(({ bytes, began, ended }) =>
    [...recordsIn(bytes, 0)].map(({ operations }) => ({
      rows: operations,
      entries: entriesIn(operations),
      began,
      durableAt: ended,
    })),
  );

const entriesIn = (rows: readonly LoggedRow[]): string[] =>
  rows.flatMap(({ key, value }) => (SEGMENT.test(key) ? entriesOf(value) : []));

const entriesOf = (segment = ''): string[] =>
  segment.split('\n').map((line) => entryText(JSON.parse(line)));

export interface Sent extends Acknowledgement {
  /** The line at which it began to be sent. */
  readonly line: number;
}

export interface FlushOrder {
  /** One text for each acknowledgement that came before what it tells of was durable. */
  readonly violations: readonly string[];
  /** By request id: the line at which the commit that an acknowledgement tells of was durable. */
  readonly durableAt: ReadonlyMap<string, number>;
}

/**
 * Whether each acknowledgement came after the flush that covers its commit: of the entries that
 * read alike the first acknowledged is the first committed, so that the n-th acknowledgement needs
 * the n-th. And whether the records promised were in what was durable by then.
 */
export function checkFlushOrder(commits: readonly Commit[], sent: readonly Sent[]): FlushOrder {
  const holding = new Map<string, Commit[]>();
  for (const commit of commits) {
    for (const entry of commit.entries) {
      const alike = holding.get(entry);
      if (alike === undefined) holding.set(entry, [commit]);
      else alike.push(commit);
    }
  }
  const violations: string[] = [];
  const durableAt = new Map<string, number>();
  const durable = new Map<string, string>();
  let applied = 0;
  for (const { requestId, line, entry, facts } of sent.toSorted((a, b) => a.line - b.line)) {
    for (; (commits[applied]?.durableAt ?? line) < line; applied += 1) {
      apply(commits[applied], durable);
    }
    const missing = facts.filter((fact) => !fact.holds(readFrom(durable)));
    for (const { text } of missing) violations.push(`${requestId}: before it was durable: ${text}`);
    if (entry === undefined) continue;
    const commit = holding.get(entry)?.shift();
    if (commit !== undefined) durableAt.set(requestId, commit.durableAt);
    if (commit === undefined) violations.push(`${requestId}: in no commit: ${entry}`);
    else if (!(commit.durableAt < line)) {
      violations.push(`${requestId}: sent at ${line}, durable at ${commit.durableAt}: ${entry}`);
    }
  }
  return { violations, durableAt };
}

function apply(commit: Commit | undefined, records: Map<string, string>): void {
  for (const { key, value } of commit?.rows ?? []) {
    if (value === undefined) records.delete(key);
    else records.set(key, value);
  }
}
