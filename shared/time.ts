import { parseUnixMillis, type UnixMillis } from './types.ts';

const UTC_TIME = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,3}))?Z$/;

/** The last millisecond of the year 9999, the last that RFC 3339 can write. */
export const TIME_MAX = 253_402_300_799_999;

/**
 * RFC 3339 in UTC: `2026-01-01T00:00:00Z`, with up to three digits of a second. Days that are not
 * in the calendar, hour 24 and leap seconds, which integer milliseconds cannot hold, are refused.
 *
 * @returns integer milliseconds since 1970; `undefined` when the text is not such a time
 */
export function parseTime(text: string): UnixMillis | undefined {
  const [, seconds, fraction = ''] = UTC_TIME.exec(text) ?? [];
  if (seconds === undefined) return undefined;
  const canonical = `${seconds}.${fraction.padEnd(3, '0')}Z`;
  const millis = parseUnixMillis(Date.parse(canonical));
  // JavaScript reads 30 February as 2 March: what does not come back as written is no date.
  return millis !== undefined && formatTime(millis) === canonical ? millis : undefined;
}

/** RFC 3339 in UTC with milliseconds: `2026-01-01T00:00:00.000Z`. For years 0 to 9999. */
export function formatTime(millis: UnixMillis): string {
  return new Date(millis).toISOString();
}
