import type { AuditEntry, AuditPage, AuditQuery } from '../audit/entry.ts';
import type { AuditIndex } from './audit-index.ts';
import { damagedAt, LINE_END, lastLine, linesBetween, SEGMENTS_A_READ } from './audit-log.ts';
import { type Lookup, placesOf, stretchesOf } from './audit-lookup.ts';
import type { EntryPlace, Indexed } from './audit-run.ts';
import type { View } from './backend.ts';
import { AUDIT_FIELDS, type AuditField, checkPart, segmentKey } from './keys.ts';
import { checkLimit, misuse, PAGE_LIMIT_MAX } from './misuse.ts';

/** Most entries looked at for one page: what the index cannot tell apart is told by the entry. */
const LOOKED_AT_MAX = 5000;

/** @param index as it is at the moment when `view` was taken */
export async function auditPage(
  view: View,
  index: AuditIndex,
  query: AuditQuery,
): Promise<AuditPage> {
  checkLimit(query.limit, PAGE_LIMIT_MAX);
  if (!Number.isSafeInteger(query.after) || query.after < 0) {
    throw misuse('an audit page begins after an integer of at least 0');
  }
  const values = AUDIT_FIELDS.flatMap((field): (readonly [AuditField, string])[] => {
    const value = query[field];
    if (value === undefined) return [];
    checkPart(value, `an audit entry's ${field}`);
    return [[field, value]];
  });
  const { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY } = query;
  const after = Math.max(query.after, index.base.sequence);
  const isWanted = (entry: Indexed) =>
    values.every(([field, value]) => entry[field] === value) &&
    (entry.at ?? Number.NaN) >= from &&
    (entry.at ?? Number.NaN) < to;
  const isPlain = values.length === 0 && query.from === undefined && query.to === undefined;
  const recent = isPlain ? [] : index.recent(isWanted);
  const momentsOf = (run: number) => index.momentsOf(run);
  const lastSequence = (await lastLine(view))?.sequence ?? 0;
  const lookup = { values, from, to, after, lastSequence, recent, momentsOf };
  const page = new Page(query.limit, isWanted);
  if (values.length > 0) return pageOfPlaces(view, lookup, page);
  return pageOfLines(view, isPlain ? wholeLog(lookup) : stretchesOf(view, lookup), page);
}

/** Takes candidates in order until it is full or has looked at too many. */
class Page {
  readonly #items: AuditEntry[] = [];
  readonly #limit: number;
  readonly #isWanted: (entry: AuditEntry) => boolean;
  #lookedAt = 0;
  #last = 0;

  constructor(limit: number, isWanted: (entry: AuditEntry) => boolean) {
    this.#limit = limit;
    this.#isWanted = isWanted;
  }

  /** How many entries may yet come in; none once it has looked at too many. */
  get room(): number {
    return this.#lookedAt < LOOKED_AT_MAX ? this.#limit - this.#items.length : 0;
  }

  look(line: string | undefined, sequence: number): void {
    const entry = parseEntry(line, sequence);
    this.#lookedAt += 1;
    this.#last = sequence;
    if (this.#isWanted(entry)) this.#items.push(entry);
  }

  end({ moreFollows }: { readonly moreFollows: boolean }): AuditPage {
    return { items: this.#items, next: moreFollows ? this.#last : null };
  }
}

function* wholeLog({ after, lastSequence }: Lookup) {
  if (lastSequence > after) yield { first: after + 1, last: lastSequence };
}

async function pageOfLines(
  view: View,
  stretches: ReturnType<typeof stretchesOf> | ReturnType<typeof wholeLog>,
  page: Page,
): Promise<AuditPage> {
  for await (const { first, last } of stretches) {
    if (page.room === 0) return page.end({ moreFollows: true });
    for await (const { sequence, line } of linesBetween(view, first, last)) {
      if (page.room === 0) return page.end({ moreFollows: true });
      page.look(line, sequence);
    }
  }
  return page.end({ moreFollows: false });
}

async function pageOfPlaces(view: View, lookup: Lookup, page: Page): Promise<AuditPage> {
  let together: EntryPlace[] = [];
  const segments = new Set<number>();
  for await (const place of placesOf(view, lookup)) {
    const isFull = segments.size === SEGMENTS_A_READ && !segments.has(place.segment);
    if (isFull || together.length >= page.room) {
      await lookAt(view, together, page);
      together = [];
      segments.clear();
    }
    if (page.room === 0) return page.end({ moreFollows: true });
    together.push(place);
    segments.add(place.segment);
  }
  await lookAt(view, together, page);
  return page.end({ moreFollows: false });
}

/** A segment that holds several of them is read once. */
async function lookAt(view: View, places: readonly EntryPlace[], page: Page): Promise<void> {
  const segments = [...new Set(places.map(({ segment }) => segment))];
  const texts = await view.many(segments.map(segmentKey));
  const lines = new Map(segments.map((segment, place) => [segment, texts[place]?.split(LINE_END)]));
  for (const { sequence, segment } of places) {
    page.look(lines.get(segment)?.[sequence - segment], sequence);
  }
}

function parseEntry(line: string | undefined, sequence: number): AuditEntry {
  try {
    const entry = JSON.parse(line ?? '') as AuditEntry;
    if (entry.sequence === sequence) return entry;
  } catch {
    // Told below, as for an entry that is not where it should be.
  }
  throw damagedAt(sequence);
}
