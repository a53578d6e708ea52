import { once } from 'node:events';
import { createServer } from 'node:http';
import { type Client, createClient } from '../../shared/client/client.ts';
import { FobtwinError } from '../../shared/errors.ts';
import type { Fobd } from '../compose.ts';
import type { FobdConfig } from '../config.ts';
import { readFormat } from '../data-directory/data-directory.ts';
import { findSocket, privateSocket, removePrivateSocket } from '../data-directory/socket.ts';
import { createSocketFetch } from './socket-fetch.ts';
import type { CliEnv } from './surroundings.ts';

/** A held lock without a live socket: a fobd that starts or stops, or another command. 5 s. */
const BUSY_TRIES = 100;
const BUSY_RETRY_MILLIS = 50;

type Use<T> = (client: Client) => Promise<T>;

/**
 * Runs `use` with a client of the data directory's /v1. While fobd serves, over its socket; while
 * it does not, the command opens the store and serves the same application to itself, over a
 * socket of its own. Either way the requests and the answers are the same.
 *
 * @throws FobtwinError that says what is wrong with the data directory; what `use` throws
 */
export async function withClient<T>(config: FobdConfig, env: CliEnv, use: Use<T>): Promise<T> {
  await readFormat(config.data);
  for (let tries = 1; ; tries += 1) {
    const server = await connectToServer(config);
    if (server !== undefined) return useAndClose(server, use);
    const fobd = await openUnlessBusy(config, env, { isLastTry: tries === BUSY_TRIES });
    if (fobd !== undefined) return serveOneself(fobd, config, use);
    await new Promise((resolve) => setTimeout(resolve, BUSY_RETRY_MILLIS));
  }
}

interface Connection {
  readonly client: Client;
  close(): void;
}

function connect(socketPath: string): Connection {
  const { fetch, close } = createSocketFetch(socketPath);
  return { client: createClient({ baseUrl: 'http://localhost', fetch }), close };
}

async function useAndClose<T>({ client, close }: Connection, use: Use<T>): Promise<T> {
  try {
    return await use(client);
  } finally {
    close();
  }
}

/** A connection to the fobd that serves this data directory; undefined when none answers. */
async function connectToServer({ data }: FobdConfig): Promise<Connection | undefined> {
  const socketPath = await findSocket(data);
  if (socketPath === undefined) return undefined;
  const connection = connect(socketPath);
  if (await isServing(connection.client)) return connection;
  connection.close();
  return undefined;
}

async function isServing(client: Client): Promise<boolean> {
  try {
    return (await client.call('healthz')).status !== 'stopping';
  } catch {
    return false;
  }
}

async function openUnlessBusy(
  config: FobdConfig,
  { clock, rng, errors }: CliEnv,
  { isLastTry }: { readonly isLastTry: boolean },
): Promise<Fobd | undefined> {
  // Where fobd serves, the command is spared all of the server.
  const { openFobd } = await import('../compose.ts');
  const { createLog } = await import('./log.ts');
  try {
    return await openFobd(config, { clock, rng, log: createLog('error', errors) });
  } catch (error) {
    const isBusy = error instanceof FobtwinError && error.code === 'dataDirectoryInUse';
    if (isBusy && !isLastTry) return undefined;
    throw error;
  }
}

/**
 * The socket is in a directory of its own, not at the place of a server's: another command must
 * not rest on a server that ends with this one.
 */
async function serveOneself<T>(fobd: Fobd, config: FobdConfig, use: Use<T>): Promise<T> {
  try {
    const socketPath = await privateSocket(config.runtimeDirectory);
    const answer = fobd.ownerApp.callback();
    const server = createServer((request, response) => void answer(request, response));
    try {
      server.listen({ path: socketPath });
      await once(server, 'listening');
      return await useAndClose(connect(socketPath), use);
    } finally {
      server.close();
      server.closeAllConnections();
      await removePrivateSocket(socketPath);
    }
  } finally {
    await fobd.close();
  }
}
