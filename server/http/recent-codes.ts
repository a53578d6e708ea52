/**
 * Which codes came a moment ago, as digests. All live equally long, so the oldest end first: the
 * order in which a Map holds them.
 */
export interface RecentCodes {
  has(digest: number): boolean;
  /** Remembers it for the span, which repeats do not renew. */
  add(digest: number): void;
}

/** About 16 MB; beyond it the oldest are forgotten before their time. */
export const RECENT_CODES_MAX = 262_144;

export function createRecentCodes({
  millis,
  elapsedMillis,
}: {
  readonly millis: number;
  readonly elapsedMillis: () => number;
}): RecentCodes {
  const endsAt = new Map<number, number>();
  return {
    has: (digest) => (endsAt.get(digest) ?? Number.NEGATIVE_INFINITY) > elapsedMillis(),
    add(digest) {
      const now = elapsedMillis();
      // Anew at the end, where the latest to end stand.
      endsAt.delete(digest);
      endsAt.set(digest, now + millis);
      for (const [oldest, end] of endsAt) {
        if (end > now && endsAt.size <= RECENT_CODES_MAX) return;
        endsAt.delete(oldest);
      }
    },
  };
}
