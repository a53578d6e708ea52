import { createHash } from 'node:crypto';
import path from 'node:path';

/** Where audit entries are forwarded to. */
export type Destination = {
  /** Names the destination's cursor in the store: digits of the SHA-256 of `text`. */
  readonly id: string;
  /** `syslog+udp://HOST:PORT`, `syslog+tcp://HOST:PORT` or `file:PATH`, made plain. */
  readonly text: string;
} & (
  | { readonly way: 'udp' | 'tcp'; readonly host: string; readonly port: number }
  | { readonly way: 'file'; readonly file: string }
);

const SYSLOG =
  /^syslog\+(udp|tcp):\/\/(?:\[([0-9A-Fa-f:.]{2,45})\]|([A-Za-z0-9.-]{1,253}))(?::(\d{1,5}))?\/?$/;
/** RFC 5426 section 3.3 for UDP; what syslog over plain TCP uses in practice. */
const SYSLOG_PORT = 514;
const PORT_MAX = 65_535;
const ID_DIGITS = 32;

const idOf = (text: string): string =>
  createHash('sha256').update(text).digest('hex').slice(0, ID_DIGITS);

/**
 * @param directory absolute; what a relative path is relative to
 * @returns `undefined` when the text is none
 */
export function parseDestination(text: string, directory: string): Destination | undefined {
  if (text.startsWith('file:')) {
    const file = text.slice('file:'.length);
    if (file === '') return undefined;
    const plain = `file:${path.resolve(directory, file)}`;
    return { id: idOf(plain), text: plain, way: 'file', file: path.resolve(directory, file) };
  }
  const [, way, address, name, portText] = SYSLOG.exec(text) ?? [];
  const host = address ?? name;
  if (host === undefined) return undefined;
  const port = portText === undefined ? SYSLOG_PORT : Number(portText);
  if (port < 1 || port > PORT_MAX) return undefined;
  const plain = `syslog+${way}://${address === undefined ? host : `[${host}]`}:${port}`;
  return { id: idOf(plain), text: plain, way: way === 'udp' ? 'udp' : 'tcp', host, port };
}
