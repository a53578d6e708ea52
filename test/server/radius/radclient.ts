import path from 'node:path';
import type { Peer } from '../../support/debian.ts';
import { finish } from './serving.ts';

/** FreeRADIUS's client, one request a run. */

export interface Where {
  readonly port: number;
  readonly secret: string;
  /** Further flags, such as `-r 1`. */
  readonly flags?: readonly string[];
}

/**
 * Sends an Access-Request with these attributes, Message-Authenticator unless it is left out by an
 * empty text, and returns what radclient printed of it and of the reply.
 */
export async function ask(
  radclient: Peer,
  { port, secret, flags = [] }: Where,
  attributes: Readonly<Record<string, string>>,
): Promise<string> {
  const lines = Object.entries({ 'Message-Authenticator': '0x00', ...attributes })
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name} = ${quoted(value)}\n`);
  const args = ['-x', ...flags, ...dictionaries(radclient), `127.0.0.1:${port}`, 'auth', secret];
  const { env } = radclient;
  const { output } = await finish(radclient.path, args, { env, input: lines.join('') });
  return output;
}

/** One that was unpacked and not installed has its dictionary beside it. */
function dictionaries({ path: program }: Peer): readonly string[] {
  const root = path.resolve(path.dirname(program), '../..');
  const share = path.join(root === '/' ? '/' : root, 'usr/share/freeradius');
  return ['-D', share, '-d', share];
}

const quoted = (value: string): string =>
  /^(0x[0-9a-f]*|[\d.]+\.[\d.]+)$/.test(value) ? value : JSON.stringify(value);

/** The State of the challenge that radclient has printed. */
export function stateIn(output: string): string {
  const [, state] = /Received Access-Challenge[\s\S]*State = (0x[0-9a-f]+)/.exec(output) ?? [];
  if (state === undefined) throw new Error(`no challenge: ${output}`);
  return state;
}
