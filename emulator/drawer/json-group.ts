import type { FieldErrorCode, FobtwinError } from '../../shared/errors.ts';
import { parseUnixMillis, type UnixMillis } from '../../shared/types.ts';

/** The members of one JSON object, each asked for once; `done` refuses what nobody asked for. */
export interface Group {
  group(name: string): Group;
  /** A list of objects, at most so many. */
  groups(name: string, max: number): Group[];
  oneOf<const T>(name: string, values: readonly T[]): T;
  /** At most so far from zero. */
  number(name: string, max: number): number;
  integer(name: string, min: number, max?: number): number;
  boolean(name: string): boolean;
  text(name: string, charactersMax: number): string;
  millis(name: string): UnixMillis;
  parsed<T>(name: string, parse: (value: unknown) => T | undefined): T;
  required<T>(name: string, read: (name: string) => T): T;
  optional<T>(name: string, read: (name: string) => T): T | undefined;
  /** Fails naming this member. */
  refuse(name: string, code: FieldErrorCode): never;
  done(): void;
}

/** Makes the error of one field. `pointer` is a JSON Pointer, empty for the whole text. */
export type Damage = (pointer: string, code: FieldErrorCode) => FobtwinError;

/** @throws what `damage` makes, when the text is not one JSON object */
export function readJson(text: string, damage: Damage): Group {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's own message quotes the text, which may hold a seed: it goes nowhere.
    throw damage('', 'malformed');
  }
  return groupOf(value, damage, '');
}

function groupOf(value: unknown, damage: Damage, pointer: string): Group {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw damage(pointer, 'wrongType');
  }
  const members = new Map<string, unknown>(Object.entries(value));
  const asked = new Set<string>();
  const fail = (name: string, code: FieldErrorCode) => damage(`${pointer}/${name}`, code);
  const take = (name: string): unknown => {
    asked.add(name);
    if (!members.has(name)) throw fail(name, 'required');
    return members.get(name);
  };
  const parsed = <T>(name: string, parse: (value: unknown) => T | undefined): T => {
    const result = parse(take(name));
    if (result === undefined) throw fail(name, 'badFormat');
    return result;
  };
  return {
    parsed,
    group: (name) => groupOf(take(name), damage, `${pointer}/${name}`),
    groups(name, max) {
      const list = take(name);
      if (!Array.isArray(list)) throw fail(name, 'wrongType');
      if (list.length > max) throw fail(name, 'tooMany');
      return list.map((each, index) => groupOf(each, damage, `${pointer}/${name}/${index}`));
    },
    oneOf: (name, values) => parsed(name, (found) => values.find((known) => known === found)),
    number: (name, max) =>
      parsed(name, (found) =>
        typeof found === 'number' && Math.abs(found) <= max ? found : undefined,
      ),
    integer: (name, min, max = Number.MAX_SAFE_INTEGER) =>
      parsed(name, (found) => {
        const fits = Number.isSafeInteger(found) && Number(found) >= min && Number(found) <= max;
        return fits ? Number(found) : undefined;
      }),
    boolean: (name) => parsed(name, (found) => (typeof found === 'boolean' ? found : undefined)),
    text: (name, charactersMax) =>
      parsed(name, (found) =>
        typeof found === 'string' && found.length <= charactersMax ? found : undefined,
      ),
    millis: (name) =>
      parsed(name, (found) => (typeof found === 'number' ? parseUnixMillis(found) : undefined)),
    required: (name, read) => read(name),
    optional: (name, read) => (members.has(name) ? read(name) : undefined),
    refuse(name, code) {
      throw fail(name, code);
    },
    done() {
      for (const name of members.keys()) {
        if (!asked.has(name)) throw fail(name, 'unknownField');
      }
    },
  };
}
