import type { Client } from '../../shared/client/client.ts';
import { readText } from '../../shared/client/text.ts';
import { FobtwinError } from '../../shared/errors.ts';
import { formatTime } from '../../shared/time.ts';
import type { UnixMillis } from '../../shared/types.ts';
import type { FobdConfig } from '../config.ts';
import { checkCompat } from './compat.ts';
import { checkClock, checkDisk, checkOpenFiles, checkVersions } from './computer.ts';
import { checkDirectory } from './directory.ts';
import { checkFormat, checkMasterKey, checkPermissions, fromError } from './files.ts';
import type { Finding } from './finding.ts';
import { checkNotices } from './notices.ts';
import { checkRadius } from './radius.ts';
import {
  checkApiKeys,
  checkAudit,
  checkDataKeys,
  checkIndexes,
  checkReadiness,
  everyApplication,
  readServed,
  type Served,
} from './served.ts';
import { checkCertificate, checkPolicy } from './settings.ts';

export interface Examination {
  readonly config: FobdConfig;
  readonly version: string;
  readonly node: string;
  readonly now: () => number;
  /** Also the whole audit chain and every index. */
  readonly full: boolean;
  /** Runs `use` with a client of the data directory, whether fobd serves it or not. */
  readonly withClient: <T>(use: (client: Client) => Promise<T>) => Promise<T>;
}

/**
 * Looks at everything that an operator can get wrong, and at what time does by itself. It changes
 * nothing, and goes on after whatever it finds.
 */
export async function examine(examination: Examination): Promise<readonly Finding[]> {
  const { config, now, version, node } = examination;
  const { data } = config;
  const format = await checkFormat(data);
  if (format.some(({ level }) => level === 'fail')) return format;
  const asked = await ask(examination);
  const findings = [
    format,
    await checkPermissions(data, config),
    await checkMasterKey(data, config, now()),
    asked.findings,
    await checkClock(data, { now, newestEntryAt: asked.newestEntryAt, wasSet: asked.wasSet }),
    await checkDisk(data, config.diskReserveBytes),
    await checkOpenFiles(asked.served?.openFiles),
    checkVersions(version, { served: asked.served?.version, node }),
    checkPolicy(config.policy),
    await checkRadius(config.edges.radius),
    checkCompat(config.edges.compat),
    await checkDirectory(config.edges.directory, now),
    await checkCertificate(config.tls, {
      now: now(),
      servedUntil: asked.served?.certificateUntil,
    }),
  ];
  return findings.flat();
}

/** What /v1 had to say. */
interface Asked {
  readonly findings: readonly Finding[];
  /** Only where it is later than the clock says. */
  readonly newestEntryAt?: number | undefined;
  readonly wasSet: boolean;
  readonly served?: Served | undefined;
}

async function ask({ withClient, now, full, config }: Examination): Promise<Asked> {
  try {
    return await withClient(async (client) => {
      const { reasons = [] } = await client.call('healthz');
      const isReadable = !reasons.includes('storeFailed');
      const findings = [
        checkReadiness(reasons),
        await attempt('audit', async () =>
          isReadable || full ? checkAudit(client, { full }) : [],
        ),
        await attempt('dataKeys', async () => checkDataKeys(await client.call('listKeys'), now())),
        await attempt('apiKeys', async () => checkApiKeys(await everyApplication(client))),
        await attempt('notices', () => checkNotices(client, noticesOf(config, now()))),
        await attempt('indexes', async () => (full ? checkIndexes(client) : [])),
      ];
      return {
        findings: findings.flat(),
        newestEntryAt: await entryAfter(client, now()).catch(() => undefined),
        wasSet: reasons.includes('clockUnsteady'),
        served: await servedBy(client),
      };
    });
  } catch (error) {
    return { findings: [fromError('store', error)], wasSet: false };
  }
}

const noticesOf = ({ business }: FobdConfig, now: number) => ({
  hasMail: business.mail !== undefined,
  now,
});

/** What cannot be looked at is a finding too, and no reason not to look at the rest. */
async function attempt(
  check: string,
  look: () => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  try {
    return await look();
  } catch (error) {
    return [fromError(check, error)];
  }
}

/** When an audit entry was made that is later than now: the clock has gone back since. */
async function entryAfter(client: Client, now: number): Promise<number | undefined> {
  const from = formatTime(now as UnixMillis);
  const { items } = await client.call('listAudit', { query: { from, limit: 1 } });
  const [entry] = items;
  return entry && Date.parse(entry.at);
}

/** Only a serving fobd counts; one that the command opened for itself says that it does not. */
async function servedBy(client: Client): Promise<Served | undefined> {
  try {
    return readServed(await readText(await client.stream('metrics')));
  } catch (error) {
    if (error instanceof FobtwinError && error.code === 'unavailable') return undefined;
    throw error;
  }
}
