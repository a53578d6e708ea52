import { createHash } from 'node:crypto';
import { lstat } from 'node:fs/promises';
import { SECRET_BYTES_RECOMMENDED } from '../radius/file-form.ts';
import type { RadiusOptions } from '../radius/options.ts';
import type { RadiusClient } from '../radius/port.ts';
import { type Finding, fail, orOk, warn } from './finding.ts';

const OTHERS = 0o077;

/** What the RADIUS file allows, and ought not to without good reason. */
export async function checkRadius(options: RadiusOptions | undefined): Promise<readonly Finding[]> {
  if (options === undefined) return [];
  const { clients, secretPlaces } = options;
  const places = await Promise.all(secretPlaces.map(checkPlace));
  return orOk(
    [...places.flat(), ...clients.flatMap(checkClient), ...sharedSecrets(clients)],
    'radius',
    `${clients.length} RADIUS clients, each with a password and a secret of its own`,
  );
}

/** Whoever has a secret answers in fobd's place. */
async function checkPlace(file: string): Promise<readonly Finding[]> {
  if (process.platform === 'win32') return [];
  const found = await lstat(file).catch(() => undefined);
  if (found === undefined || (found.mode & OTHERS) === 0) return [];
  const mode = (found.mode & 0o777).toString(8);
  const what = `${file} holds RADIUS secrets and is open to others (mode ${mode})`;
  return [fail('radius', what, `chmod 600 ${file}`)];
}

function checkClient({ name, secret, requireMessageAuthenticator, policy }: RadiusClient) {
  const findings: Finding[] = [];
  const add = (what: string, next: string): void => {
    findings.push(warn('radius', `The RADIUS client ${name} ${what}`, next));
  };
  if (secret.length < SECRET_BYTES_RECOMMENDED) {
    add(
      `has a secret of ${secret.length} bytes, fewer than ${SECRET_BYTES_RECOMMENDED}`,
      'Give both sides a longer one: openssl rand -hex 16.',
    );
  }
  if (!requireMessageAuthenticator) {
    add(
      'need not send Message-Authenticator: who stands between can forge replies to it',
      'Require it, unless the client cannot send it (pam_radius); then keep its network apart.',
    );
  }
  const alone = [policy, ...(policy.groups ?? [])].some(({ mode }) => mode === 'code');
  if (alone) {
    add(
      'asks for a code alone: whoever holds the token signs in',
      'Ask for the password as well: "mode": "challenge" or "appended".',
    );
  }
  const targets = [policy, ...(policy.groups ?? [])].flatMap(({ proxyTo }) => proxyTo ?? []);
  if (targets.some((target) => !target.requireMessageAuthenticator)) {
    add(
      'believes another server without Message-Authenticator',
      'Require it of that server, or keep the network between apart.',
    );
  }
  return findings;
}

/** One client that gives its secret away gives away that of the others. */
function sharedSecrets(clients: readonly RadiusClient[]): readonly Finding[] {
  const bySecret = new Map<string, string[]>();
  for (const { name, secret } of clients) {
    const digest = createHash('sha256').update(secret).digest('hex');
    bySecret.set(digest, [...(bySecret.get(digest) ?? []), name]);
  }
  return [...bySecret.values()]
    .filter((names) => names.length > 1)
    .map((names) => {
      const what = `The RADIUS clients ${names.join(', ')} share one secret`;
      return warn('radius', what, 'Give each a secret of its own.');
    });
}
