import { formatTime } from '../../../shared/time.ts';
import { parseUnixMillis } from '../../../shared/types.ts';
import { parseObject } from '../chain.ts';

/**
 * A stored line as a message of syslog (RFC 5424): the line itself, unchanged, is its text, so that
 * whoever collects the messages can verify the chain.
 */

/** RFC 5424 section 6.2.1: facility 13, log audit. */
const FACILITY = 13;
const NOTICE = 5;
const INFORMATIONAL = 6;
const VERSION = 1;
const APP_NAME = 'fobd';
const NONE = '-';
/** RFC 5424 section 6: printable ASCII without spaces, so many characters. */
const MESSAGE_ID = /^[\x21-\x7e]{1,32}$/;
const HOST_NAME = /^[\x21-\x7e]{1,255}$/;

export function syslogMessage(line: string, { hostName }: { readonly hostName: string }): string {
  const { at, action, outcome } = parseObject(line) ?? {};
  const isRefusal = outcome !== undefined && outcome !== 'accepted';
  const priority = FACILITY * 8 + (isRefusal ? NOTICE : INFORMATIONAL);
  const moment = typeof at === 'number' ? parseUnixMillis(at) : undefined;
  const time = moment === undefined ? NONE : formatTime(moment);
  const host = HOST_NAME.test(hostName) ? hostName : NONE;
  const messageId = typeof action === 'string' && MESSAGE_ID.test(action) ? action : NONE;
  return `<${priority}>${VERSION} ${time} ${host} ${APP_NAME} ${NONE} ${messageId} ${NONE} ${line}`;
}

/** RFC 6587 section 3.4.1: octet counting, since a text may hold whatever a trailer would be. */
export const countedFrame = (message: string): string => `${Buffer.byteLength(message)} ${message}`;
