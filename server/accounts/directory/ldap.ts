import { ResultCodeError, type SearchOptions, type SearchResult } from 'ldapts';
import { FobtwinError } from '../../../shared/errors.ts';
import { createSlots, type Slots } from '../slots.ts';
import { type BindVerdict, verdictOf } from './bind.ts';
import { type Connection, connect } from './connection.ts';
import { attributesOf, readEntry } from './entry.ts';
import { filterFor } from './filter.ts';
import { soughtBy } from './names.ts';
import type { DirectoryOptions, DirectoryServer } from './options.ts';
import type { Directory, DirectoryAnswer, DirectoryEntry } from './port.ts';
import { readSmallFile } from './small-file.ts';

/** One is whom we look for; a second says that the name fits several. */
const ENTRIES_MAX = 2;
/** A service account that was refused is not tried again at once: that would lock it there. */
const REFUSED_MILLIS = 30_000;
/** What is tried for names that nobody has: nobody's password, of nobody. */
const DECOY_PASSWORD = 'nobody';
const PASSWORD_BYTES_MAX = 4096;
/** Passwords that wait for each that is tried at the same time. */
const WAITING_PER_CONNECTION = 16;

export interface LdapDirectory extends Directory {
  /**
   * Connects to one server, binds as the service and reads the base entry.
   *
   * @throws FobtwinError `unavailable`, its detail saying what went wrong
   */
  check(server: DirectoryServer): Promise<void>;
}

export interface LdapSurroundings {
  /** The computer's clock, Unix milliseconds: accounts expire by it. */
  readonly now: () => number;
}

interface Located {
  readonly dn: string;
  readonly entry: DirectoryEntry;
}

/** Nothing is opened before somebody signs in, and nothing then but by need. */
export function openDirectory(options: DirectoryOptions, { now }: LdapSurroundings): LdapDirectory {
  const service = createServiceConnection(options, now);
  const slots = slotsFor(options);

  async function locate(user: string): Promise<Located | undefined> {
    const sought = soughtBy(user, options);
    if (sought === undefined) return undefined;
    const { searchEntries } = await service.search({
      scope: 'sub',
      sizeLimit: ENTRIES_MAX,
      timeLimit: Math.ceil(options.timeoutMillis / 1000),
      filter: filterFor(sought, options.groupFilter),
      attributes: attributesOf(options),
      explicitBufferAttributes: ['objectGUID'],
    });
    const [found] = searchEntries;
    // Referrals are not followed: whoever they lead to is not among the entries.
    if (found === undefined || searchEntries.length > 1 || found.dn === '') return undefined;
    const entry = readEntry(found, options, now());
    if (entry !== undefined) return { dn: found.dn, entry };
    throw unavailable(`${found.dn} shows no ${options.attributes.id} or no name to the service`);
  }

  /** Over a connection of its own: a bind changes whose connection it is. */
  const bind = (dn: string, password: string): Promise<BindVerdict> =>
    slots.run(async () => {
      const connection = await connectToAny(service.order(), options);
      try {
        await connection.ask((client) => client.bind(dn, password));
        return { verdict: 'accepted' };
      } catch (error) {
        const verdict = verdictOf(error, options.kind);
        if (verdict !== undefined) return verdict;
        throw unavailable(reasonOf(connection.server, error));
      } finally {
        connection.close();
      }
    });

  return {
    async signIn(user, password) {
      if (!isBindable(password)) return { result: 'unknown' };
      const located = await locate(user);
      if (located !== undefined) {
        return answerOf(located.entry, await bind(located.dn, password));
      }
      // A name that nobody has takes as long as one that somebody has.
      await bind(`cn=nobody-${now()},${options.baseDn}`, DECOY_PASSWORD);
      return { result: 'unknown' };
    },
    find: async (user) => (await locate(user))?.entry,
    async check(server) {
      const connection = await openService([server], options);
      try {
        await connection.ask((client) =>
          client.search(options.baseDn, { scope: 'base', attributes: ['1.1'] }),
        );
      } catch (error) {
        throw unavailable(reasonOf(server, error));
      } finally {
        connection.close();
      }
    },
    async close() {
      service.close();
    },
  };
}

/**
 * An empty password would be no authentication and yet succeed (RFC 4513 section 5.1.2), and some
 * servers take NUL for its end.
 */
const isBindable = (password: string): boolean => password !== '' && !password.includes('\0');

function answerOf(entry: DirectoryEntry, said: BindVerdict): DirectoryAnswer {
  if (said.verdict === 'disabled') {
    return { result: 'disabled', entry: { ...entry, disabled: true, reason: said.reason } };
  }
  if (said.verdict === 'wrongPassword') {
    const { reason } = said;
    const locked = reason === undefined ? entry : { ...entry, disabled: true, reason };
    return { result: 'wrongPassword', entry: locked };
  }
  // The bind is the judge of locks: what the entry says of one stays for a while after its end.
  const { reason, ...good } = entry;
  if (reason === undefined || reason === 'locked') {
    return { result: 'accepted', entry: { ...good, disabled: false } };
  }
  return { result: 'disabled', entry };
}

interface ServiceConnection {
  search(search: SearchOptions): Promise<SearchResult>;
  /** The servers, the one that is in use first. */
  order(): readonly DirectoryServer[];
  close(): void;
}

/** One connection is kept, over which everybody is looked up, and made anew when it has ended. */
function createServiceConnection(options: DirectoryOptions, now: () => number): ServiceConnection {
  let kept: Connection | undefined;
  let opening: Promise<Connection> | undefined;
  let refused: { readonly at: number; readonly error: FobtwinError } | undefined;
  let isClosed = false;

  async function open(): Promise<Connection> {
    if (refused !== undefined && Math.abs(now() - refused.at) < REFUSED_MILLIS) {
      throw refused.error;
    }
    try {
      kept = await openService(options.servers, options);
      refused = undefined;
      if (isClosed) kept.close();
      return kept;
    } catch (error) {
      if (error instanceof ServiceRefused) refused = { at: now(), error };
      throw error;
    }
  }

  /** However many ask at the same time, one connection is opened. */
  async function current(): Promise<Connection> {
    if (isClosed) throw unavailable('the directory has been closed');
    if (kept?.isOpen()) return kept;
    opening ??= open().finally(() => {
      opening = undefined;
    });
    return opening;
  }

  return {
    async search(search) {
      const isNew = !kept?.isOpen();
      const connection = await current();
      const ask = (asked: Connection) =>
        asked.ask((client) => client.search(options.baseDn, search));
      try {
        return await ask(connection);
      } catch (error) {
        // It answered: asking again would be answered likewise.
        const isAnswer = error instanceof ResultCodeError;
        if (isAnswer || isNew) throw unavailable(reasonOf(connection.server, error));
        connection.close();
      }
      // An old connection may have been dead for long without anybody noticing.
      const renewed = await current();
      return ask(renewed).catch((error: unknown) => {
        throw unavailable(reasonOf(renewed.server, error));
      });
    },
    order: () => {
      const first = kept?.isOpen() ? kept.server : undefined;
      const others = options.servers.filter((server) => server !== first);
      return first === undefined ? others : [first, ...others];
    },
    close() {
      isClosed = true;
      kept?.close();
    },
  };
}

/** The directory answered, and does not know the service account, or not by this password. */
class ServiceRefused extends FobtwinError {}

async function openService(
  servers: readonly DirectoryServer[],
  options: DirectoryOptions,
): Promise<Connection> {
  const { service } = options;
  const connection = await connectToAny(servers, options);
  if (service === undefined) return connection;
  try {
    const password = await readPassword(service.passwordFile);
    await connection.ask((client) => client.bind(service.dn, password));
    return connection;
  } catch (error) {
    connection.close();
    const reason = `${service.dn}: ${reasonOf(connection.server, error)}`;
    if (error instanceof ResultCodeError) throw new ServiceRefused(...unreachable(reason));
    throw unavailable(reason);
  }
}

/** Text, less one final newline. */
async function readPassword(file: string): Promise<string> {
  const bytes = await readSmallFile(file, PASSWORD_BYTES_MAX);
  const password = bytes.toString('utf8').replace(/\r?\n$/, '');
  if (isBindable(password)) return password;
  throw new Error(`${file} holds no password`);
}

/** The first server that can be reached. */
async function connectToAny(
  servers: readonly DirectoryServer[],
  options: DirectoryOptions,
): Promise<Connection> {
  const reasons: string[] = [];
  for (const server of servers) {
    try {
      return await connect(server, options);
    } catch (error) {
      reasons.push(reasonOf(server, error));
    }
  }
  throw unavailable(reasons.join('; '));
}

/** For the log: what went wrong where. Nothing that was sent is in it. */
function reasonOf({ url }: DirectoryServer, error: unknown): string {
  if (!(error instanceof Error)) return `${url}: ${String(error)}`;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return `${url}: ${[error.message, code].filter((part) => part !== '').join(' ')}`;
}

const unreachable = (detail: string): ConstructorParameters<typeof FobtwinError> => [
  'unavailable',
  'The directory of accounts cannot be asked now.',
  { detail, nextStep: 'Try again in a moment; fobd doctor says what is wrong with the directory.' },
];

const unavailable = (detail: string): FobtwinError => new FobtwinError(...unreachable(detail));

const slotsFor = ({ connectionsMax }: DirectoryOptions): Slots =>
  createSlots({
    atOnce: connectionsMax,
    waitingMax: connectionsMax * WAITING_PER_CONNECTION,
    refusal: () =>
      new FobtwinError('unavailable', 'Too many passwords are waiting for the directory.', {
        nextStep: 'Try again in a moment.',
      }),
  });
