import { FobtwinError } from '../../shared/errors.ts';
import { parseSpan } from '../../shared/span.ts';
import { parseTime } from '../../shared/time.ts';
import { parseSerial, type Serial, type UnixMillis } from '../../shared/types.ts';

/** What stood on the command line, as text; reading it is refused with a usage error. */
export interface Arguments {
  flag(name: string): boolean;
  text(name: string): string | undefined;
  /** Each of a positional argument that may be given more than once. */
  texts(name: string): readonly string[];
  required(name: string): string;
  serial(): Serial;
  /** RFC 3339 in UTC. */
  time(name: string): UnixMillis | undefined;
  /** Milliseconds. */
  span(name: string): number | undefined;
  integer(name: string, range: { readonly min: number; readonly max: number }): number | undefined;
}

/** @param values by name: text, or true for a flag; a list where something was given twice */
export function createArguments(values: Readonly<Record<string, unknown>>): Arguments {
  const text = (name: string): string | undefined => {
    const value = values[name];
    if (Array.isArray(value)) throw usageError(`--${name} was given more than once`);
    // Most often a variable of a script that is not set.
    if (value === '') throw usageError(`The value of ${name} is empty`);
    return typeof value === 'string' ? value : undefined;
  };
  const required = (name: string): string => {
    const value = text(name);
    if (value === undefined) throw usageError(`${name} is missing`);
    return value;
  };
  const read = <T>(name: string, parse: (value: string) => T | undefined, shape: string) => {
    const value = text(name);
    if (value === undefined) return undefined;
    const parsed = parse(value);
    if (parsed === undefined) throw usageError(`--${name} takes ${shape}, not "${brief(value)}"`);
    return parsed;
  };
  return {
    text,
    texts(name) {
      const value = values[name];
      const all: readonly unknown[] = Array.isArray(value) ? value : [value];
      return all.filter((one) => typeof one === 'string');
    },
    required,
    flag: (name) => values[name] === true,
    serial() {
      const serial = parseSerial(required('serial'));
      if (serial !== undefined) return serial;
      throw usageError(
        `"${brief(required('serial'))}" is not a serial: a letter or digit, then up to ` +
          '63 letters, digits, dots, underscores and hyphens',
      );
    },
    time: (name) => read(name, parseTime, 'a time in UTC like 2026-01-31T09:30:00Z'),
    span: (name) => read(name, parseSpan, 'a whole number and ms, s, m, h or d, like 30s'),
    integer(name, { min, max }) {
      const parse = (value: string) => {
        const fits = /^[0-9]{1,15}$/.test(value) && Number(value) >= min && Number(value) <= max;
        return fits ? Number(value) : undefined;
      };
      return read(name, parse, `a whole number from ${min} to ${max}`);
    },
  };
}

/** The command line itself is wrong: exit code 2. */
export function usageError(message: string, nextStep?: string): FobtwinError {
  return new FobtwinError('usage', message, nextStep === undefined ? {} : { nextStep });
}

const BRIEF_CHARACTERS = 40;

/** What somebody typed, short enough to be quoted, without signs that would move the cursor. */
function brief(value: string): string {
  const plain = value.replace(/\p{C}/gu, '?');
  return plain.length > BRIEF_CHARACTERS ? `${plain.slice(0, BRIEF_CHARACTERS)}…` : plain;
}
