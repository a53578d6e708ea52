import { parseOtpauth } from '../../shared/seed-files/otpauth.ts';
import { type MakeOptions, readSerial } from './making.ts';

/** What the address does not say. */
export type EnrolledOptions = Omit<MakeOptions, 'seed' | 'parameters' | 'counter'>;

/** Scheme and type, label, and the rest of an address. */
const PARTS = /^(\s*otpauth:\/\/[^/?#]*\/)[^?#]*(.*)$/is;

/** The token of an enrolment page, in the body of the nearest model. */
export function optionsOf(address: string, options: EnrolledOptions): MakeOptions {
  const { serial, seed, parameters, nextCounter } = parseOtpauth(
    options.serial === undefined ? address : withSerial(address, readSerial(options.serial)),
  );
  const profile = parameters.type === 'time' ? 'c30' : 'e6';
  const counter = parameters.type === 'event' ? { counter: nextCounter } : {};
  return { profile, ...options, serial, seed, parameters, ...counter };
}

/** A label like an e-mail address is no serial: the given one takes its place before it is read. */
function withSerial(address: string, serial: string): string {
  return address.replace(PARTS, (_, before: string, after: string) => before + serial + after);
}
