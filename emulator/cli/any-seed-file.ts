import { FobtwinError, type FobtwinErrorOptions, invalidInput } from '../../shared/errors.ts';
import {
  type OnEntry,
  SEED_FILE_LIMITS,
  type SeedFileParser,
} from '../../shared/seed-files/entry.ts';
import { parseOtpauth } from '../../shared/seed-files/otpauth.ts';
import { createSeedFileParser, type ParserOptions } from '../../shared/seed-files/parser.ts';
import { canSniff, sniffFormat } from '../../shared/seed-files/sniff.ts';

/**
 * A parser that finds out from the first signs what it reads: `<` begins PSKC or SafeNet's XML,
 * `otpauth:` a list of URIs, one a line; anything else is CSV.
 */
export function createSniffingParser(
  onEntry: OnEntry,
  options: ParserOptions = {},
): SeedFileParser {
  let start = '';
  let parser: SeedFileParser | undefined;
  const begin = (): SeedFileParser => {
    const begun = parserFor(start.trimStart(), onEntry, options);
    begun.write(start);
    start = '';
    return begun;
  };
  return {
    write(text) {
      if (parser !== undefined) {
        parser.write(text);
        return;
      }
      start += text;
      if (start.length <= START_CHARACTERS_MAX && !isEnough(start)) return;
      parser = begin();
    },
    async ready() {
      await parser?.ready?.();
    },
    end() {
      if (parser === undefined && start.trim() === '') {
        throw new FobtwinError('invalidInput', 'The seed file is empty');
      }
      parser ??= begin();
      parser.end();
    },
  };
}

const OTPAUTH = 'otpauth:';
/** White space before the first sign; more is not looked through. */
const START_CHARACTERS_MAX = 4096;

const isEnough = (start: string): boolean =>
  start.trimStart().length >= OTPAUTH.length && canSniff(start);

function parserFor(start: string, onEntry: OnEntry, options: ParserOptions): SeedFileParser {
  const isUri = start.slice(0, OTPAUTH.length).toLowerCase() === OTPAUTH;
  if (!isUri) return createSeedFileParser(sniffFormat(start), onEntry, options);
  if (options.key === undefined) return createUriListParser(onEntry);
  throw new FobtwinError('invalidInput', 'otpauth addresses are not encrypted', {
    nextStep: 'Leave the key or passphrase away.',
  });
}

/** otpauth URIs, one a line; empty lines are nothing. */
function createUriListParser(onEntry: OnEntry): SeedFileParser {
  let rest = '';
  let line = 0;
  let entries = 0;
  const take = (text: string): void => {
    line += 1;
    if (text.trim() === '') return;
    entries += 1;
    if (entries > SEED_FILE_LIMITS.entries) throw invalidInput(`line ${line}`, 'tooMany', TOO_MANY);
    onEntry(parseLine(text.trim(), line));
  };
  return {
    write(text) {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const each of lines) take(each);
      if (rest.length > SEED_FILE_LIMITS.fieldCharacters) {
        throw invalidInput(`line ${line + 1}`, 'tooLong', 'A line of the seed file is too long');
      }
    },
    end() {
      take(rest);
    },
  };
}

const TOO_MANY = `A seed file has at most ${SEED_FILE_LIMITS.entries} tokens`;

/** The error of one URI, with the line it stands on. */
function parseLine(uri: string, line: number): ReturnType<typeof parseOtpauth> {
  try {
    return parseOtpauth(uri);
  } catch (error) {
    if (!(error instanceof FobtwinError)) throw error;
    const options: FobtwinErrorOptions = {
      errors: error.errors,
      cause: error,
      ...(error.nextStep === undefined ? {} : { nextStep: error.nextStep }),
    };
    throw new FobtwinError(error.code, `Line ${line}: ${error.message}`, options);
  }
}
