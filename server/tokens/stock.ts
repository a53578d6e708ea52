import { EMULATOR_MANUFACTURER, type SeedFileEntry } from '../../shared/seed-files/entry.ts';
import type { TokenParameters, UnixMillis } from '../../shared/types.ts';
import type { Vault } from '../vault/port.ts';
import { newFactor } from '../verification/factor.ts';
import type { TokenDetail } from './port.ts';
import type { TokenRecord } from './record.ts';

export interface StockingOptions {
  readonly vault: Vault;
  /** Emulated tokens may reach `hardwareToken`. */
  readonly acceptsEmulated: boolean;
  readonly importId: string;
  readonly importedAt: UnixMillis;
}

/** How many different texts and parameters one file's tokens share; real files have a handful. */
const SHARED_MAX = 1000;
const NO_HOLDS: TokenRecord['holds'] = [];

/** Makes a stocked token of each entry of one file, its seed sealed. */
export function createStocking({
  vault,
  acceptsEmulated,
  importId,
  importedAt,
}: StockingOptions): (entry: SeedFileEntry) => TokenDetail {
  const text = createShared((value: string) => value, copyOf);
  const parameters = createShared(parametersName, (value: TokenParameters) => value);
  return (entry) => {
    const { serial, seed, manufacturer, model, account, nextCounter } = entry;
    const shared = parameters(entry.parameters);
    const emulated = emulatedOf(entry, acceptsEmulated);
    return {
      token: {
        version: 1,
        serial,
        life: 'stocked',
        holds: NO_HOLDS,
        parameters: shared,
        sealedSeed: vault.seal(seed, { serial, parameters: shared }),
        ...(manufacturer === undefined ? {} : { manufacturer: text(manufacturer) }),
        ...(model === undefined ? {} : { model: text(model) }),
        ...(emulated === undefined ? {} : { emulated }),
        ...(account === undefined ? {} : { intendedAccount: copyOf(account) }),
        importedAt,
        importId,
      },
      factor: newFactor(shared, nextCounter),
    };
  };
}

/** A label that the file carries, not a proof: who writes the file can leave it out. */
function emulatedOf({ manufacturer }: SeedFileEntry, accept: boolean): TokenRecord['emulated'] {
  const named = manufacturer?.trim().toLowerCase() === EMULATOR_MANUFACTURER.toLowerCase();
  if (!named) return undefined;
  return accept ? 'accepted' : 'marked';
}

/** The same value for all tokens that have it: a cached record is then little more than itself. */
function createShared<V>(nameOf: (value: V) => string, make: (value: V) => V): (value: V) => V {
  const known = new Map<string, V>();
  return (value) => {
    const name = nameOf(value);
    const found = known.get(name);
    if (found !== undefined) return found;
    const made = make(value);
    if (known.size < SHARED_MAX) known.set(nameOf(made), made);
    return made;
  };
}

/** A text that does not hold on to the piece of the file that it was cut from. */
const copyOf = <T extends string>(text: T): T => Buffer.from(text).toString() as T;

const parametersName = (parameters: TokenParameters): string =>
  [
    parameters.type,
    parameters.algorithm,
    parameters.digits,
    parameters.type === 'time' ? parameters.stepSeconds : '',
  ].join('/');
