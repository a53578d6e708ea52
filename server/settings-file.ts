import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { FobtwinError } from '../shared/errors.ts';

/** A setting whose file is a JSON object of one form. */
export interface SettingsFile<Form extends z.ZodType> {
  /** The flag that names it. */
  readonly flag: string;
  readonly schema: Form;
  /** For whoever got it wrong. */
  readonly example: string;
  /** Default 1,048,576: a thousand clients have room in it. */
  readonly charactersMax?: number;
}

/** A setting's name, and the form of the file that it names. */
export interface NamedForm<Name extends string, Form extends z.ZodType>
  extends Omit<SettingsFile<Form>, 'flag' | 'charactersMax'> {
  readonly name: Name;
}

/** Rows of settings that were given as text, and what their files are relative to. */
export interface GivenFiles<Name extends string> {
  readonly settings: { readonly [N in Name]: string | undefined };
  readonly rows: { readonly [N in Name]: { readonly flag: string } };
  /** Absolute. */
  readonly directory: string;
}

/**
 * What the setting's file comes to; undefined where none was given.
 *
 * @throws FobtwinError `usage` naming the flag, the file and what is wrong in it
 */
export function fileOptions<Name extends string, Form extends z.ZodType, Options>(
  form: NamedForm<Name, Form>,
  { settings, rows, directory }: GivenFiles<Name>,
  make: (file: z.output<Form>, place: string) => Options,
): Options | undefined {
  const setting = settings[form.name];
  if (setting === undefined) return undefined;
  const place = path.resolve(directory, setting);
  return make(readSettingsFile(place, { ...form, flag: rows[form.name].flag }), place);
}

const CHARACTERS_MAX = 1024 * 1024;
/** Of a file of numbers alone. */
const NUMBERS_CHARACTERS_MAX = 16 * 1024;

/** @throws FobtwinError `usage` naming the flag, the file and what is wrong in it */
export function readSettingsFile<Form extends z.ZodType>(
  file: string,
  form: SettingsFile<Form>,
): z.output<Form> {
  const refuse = refusing(file, form);
  const { schema, charactersMax = CHARACTERS_MAX } = form;
  let value: unknown;
  try {
    const text = readFileSync(file, 'utf8');
    if (text.length > charactersMax) throw refuse('is too long');
    value = JSON.parse(text);
  } catch (error) {
    throw error instanceof FobtwinError ? error : refuse('cannot be read as JSON', error);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw refuse(z.prettifyError(parsed.error), parsed.error);
}

const refusing =
  (file: string, { flag, example }: Pick<SettingsFile<z.ZodType>, 'flag' | 'example'>) =>
  (reason: string, cause?: unknown) =>
    new FobtwinError('usage', `${flag} ${file}: ${reason}`, {
      nextStep: `The file is a JSON object such as ${example}.`,
      cause,
    });

/** Numbers that a file may change: the flag that names it, an example, and what checks them. */
export interface Overridable<Options> {
  readonly flag: string;
  readonly bounds: Readonly<Record<string, unknown>>;
  readonly example: string;
  /** The defaults with what differs from them. */
  check(overrides: Partial<Options>): Options;
}

/**
 * The options with what `file` says of them; the defaults without a file.
 *
 * @throws FobtwinError `usage` naming the flag, the file and what is wrong in it
 */
export function readOptions<Options>(
  file: string | undefined,
  { flag, bounds, example, check }: Overridable<Options>,
): Options {
  if (file === undefined) return check({});
  const names = z.enum(Object.keys(bounds) as [string, ...string[]]);
  const schema = z.partialRecord(names, z.number());
  const form = { flag, example, schema, charactersMax: NUMBERS_CHARACTERS_MAX };
  const overrides = readSettingsFile(file, form);
  try {
    return check(overrides as Partial<Options>);
  } catch (error) {
    if (!(error instanceof FobtwinError)) throw error;
    throw refusing(file, form)(error.message, error);
  }
}
