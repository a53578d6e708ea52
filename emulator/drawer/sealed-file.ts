import { FobtwinError } from '../../shared/errors.ts';
import type { Rng } from '../../shared/rng.ts';
import { parseSerial, type Serial } from '../../shared/types.ts';
import {
  DEVICE_FILE_FORMAT,
  type DeviceFile,
  damaged,
  formatDevice,
  parseDevice,
  parsePlainFile,
} from './device-file.ts';
import { readJson } from './json-group.ts';
import { seal, unseal } from './sealing.ts';

/**
 * A device's file since format 2: outside what tells files apart, inside, sealed, the device.
 * Drawer, serial, revision and batch are sealed along, so that nothing opens in another's place or
 * under another number.
 */
export interface Envelope {
  readonly drawer: string;
  readonly serial: Serial;
  readonly revision: number;
  /** It came in with others; while the drawer's header names their batch, none is there. */
  readonly batch?: string;
}

export interface SealedFile extends Envelope {
  readonly sealed: string;
}

/** A file as it was found: sealed, or of the old plain format. */
export type FoundFile = { readonly plain: DeviceFile } | { readonly envelope: SealedFile };

const SEALED_CHARACTERS_MAX = 60_000;
const ID_CHARACTERS_MAX = 32;

export function formatSealedFile(
  file: DeviceFile,
  { drawer, batch }: Pick<Envelope, 'drawer' | 'batch'>,
  { key, rng }: { readonly key: Uint8Array; readonly rng: Rng },
): string {
  const envelope: Envelope = {
    drawer,
    serial: file.device.serial,
    revision: file.revision,
    ...(batch === undefined ? {} : { batch }),
  };
  const sealed = seal(formatDevice(file), key, boundTo(envelope), rng);
  return `${JSON.stringify({ format: DEVICE_FILE_FORMAT, ...envelope, sealed }, null, 2)}\n`;
}

/**
 * @param file the file's path, to name it in an error
 * @throws FobtwinError `deviceNewer` for a later format; `deviceDamaged` naming the field
 */
export function parseDeviceFile(text: string, file: string): FoundFile {
  const root = readJson(text, (pointer, code) => damaged(file, pointer, code));
  const format = root.integer('format', 1);
  if (format > DEVICE_FILE_FORMAT) throw newerFormat(format, file);
  if (format === 1) return { plain: parsePlainFile(text, file) };
  const batch = root.optional('batch', (name) => root.text(name, ID_CHARACTERS_MAX));
  const envelope = {
    drawer: root.text('drawer', ID_CHARACTERS_MAX),
    serial: root.parsed('serial', whenSerial),
    revision: root.integer('revision', 1),
    ...(batch === undefined ? {} : { batch }),
    sealed: root.text('sealed', SEALED_CHARACTERS_MAX),
  };
  root.done();
  return { envelope };
}

/** @throws FobtwinError `deviceDamaged` when it was changed, or sealed for another place */
export function openSealedFile(found: SealedFile, key: Uint8Array, file: string): DeviceFile {
  const text = unseal(found.sealed, key, boundTo(found));
  if (text === undefined) throw damaged(file, '/sealed', 'notAllowed');
  const kept = parseDevice(text, (pointer, code) => damaged(file, pointer, code));
  if (kept.device.serial !== found.serial) throw damaged(file, '/serial', 'notAllowed');
  return { ...kept, revision: found.revision };
}

function boundTo({ drawer, serial, revision, batch = '' }: Envelope): string {
  return ['fob device', DEVICE_FILE_FORMAT, drawer, serial, revision, batch].join('\n');
}

function whenSerial(value: unknown): Serial | undefined {
  return typeof value === 'string' ? parseSerial(value) : undefined;
}

function newerFormat(format: number, file: string): FobtwinError {
  return new FobtwinError(
    'deviceNewer',
    `The device's file ${file} has format ${format}; this fob reads ${DEVICE_FILE_FORMAT}`,
    { nextStep: 'Use the newer fob that wrote it.' },
  );
}
