import { stat } from 'node:fs/promises';
import { FobtwinError } from '../../shared/errors.ts';
import { isThisMachine } from '../access/address.ts';
import { openDirectory } from '../accounts/directory/ldap.ts';
import type { DirectoryOptions, DirectoryServer } from '../accounts/directory/options.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

const CHECK = 'directory';
const OTHERS = 0o077;

/** Every server of the directory of `--directory`, asked as fobd asks it; none without one. */
export async function checkDirectory(
  options: DirectoryOptions | undefined,
  now: () => number,
): Promise<readonly Finding[]> {
  if (options === undefined) return [];
  const directory = openDirectory(options, { now });
  try {
    const servers = options.servers.map((server) => checkServer(server, directory));
    return (await Promise.all([...servers, checkPasswordFile(options)])).flat();
  } finally {
    await directory.close();
  }
}

async function checkServer(
  server: DirectoryServer,
  directory: ReturnType<typeof openDirectory>,
): Promise<readonly Finding[]> {
  const { url, security, host } = server;
  try {
    await directory.check(server);
  } catch (error) {
    const reason = error instanceof FobtwinError ? (error.detail ?? error.message) : String(error);
    return [fail(CHECK, `${url} cannot be asked: ${reason}`, ASK_AGAIN)];
  }
  if (security !== 'plain') return [ok(CHECK, `${url} answers over TLS (${security})`)];
  if (isThisMachine(host)) return [ok(CHECK, `${url} answers, on this machine`)];
  return [
    warn(
      CHECK,
      `${url} answers without TLS: whoever listens reads everybody's password`,
      'Use ldaps:// or "startTls": true, with "caFile" where the CA is your own.',
    ),
  ];
}

const ASK_AGAIN =
  'Nobody signs in by it meanwhile. Compare its address, "caFile", "bindDn" and "baseDn"; ' +
  'server/accounts/directory/README.md says what each is.';

/** The service's password is for fobd's eyes alone. */
async function checkPasswordFile({ service }: DirectoryOptions): Promise<readonly Finding[]> {
  if (service === undefined || process.platform === 'win32') return [];
  const { passwordFile } = service;
  const { mode } = await stat(passwordFile).catch(() => ({ mode: 0 }));
  if ((mode & OTHERS) === 0) return [];
  return [warn(CHECK, `${passwordFile} can be read by others`, `Run chmod 600 ${passwordFile}.`)];
}
