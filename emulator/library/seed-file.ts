import { invalidInput } from '../../shared/errors.ts';
import { formatCsv } from '../../shared/seed-files/csv-format.ts';
import { EMULATOR_MANUFACTURER, type SeedFileEntry } from '../../shared/seed-files/entry.ts';
import { formatOtpauth } from '../../shared/seed-files/otpauth.ts';
import { formatPskc } from '../../shared/seed-files/pskc-writer.ts';
import type { Device } from '../device/types.ts';

export interface SeedFileOptions {
  /** PSKC (RFC 6030), fobd's CSV, or the address that phone authenticators scan. */
  readonly format: 'pskc' | 'csv' | 'otpauth';
  /** Who gave the token out; an authenticator shows it. Default: nobody is named. */
  readonly issuer?: string;
}

export function formatSeedFile(device: Device, { format, issuer }: SeedFileOptions): string {
  const entry: SeedFileEntry = {
    serial: device.serial,
    seed: device.seed,
    parameters: device.parameters,
    nextCounter: device.parameters.type === 'event' ? device.state.counter : 0,
    manufacturer: EMULATOR_MANUFACTURER,
    model: device.profile.name,
    ...(issuer === undefined ? {} : { issuer }),
  };
  switch (format) {
    case 'pskc':
      return formatPskc([entry]);
    case 'csv':
      return formatCsv([entry]);
    case 'otpauth':
      return formatOtpauth(entry);
    default:
      throw invalidInput('format', 'oneOf', 'format is one of pskc, csv, otpauth');
  }
}
