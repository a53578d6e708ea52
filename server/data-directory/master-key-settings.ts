import { FobtwinError } from '../../shared/errors.ts';
import { HiddenText } from './hidden-text.ts';
import type { MasterKeyOptions } from './master-key.ts';

/** One way to say where a master key comes from, and whether it was used. */
interface Setting<T> {
  /** The flag or the variable that says it. */
  readonly source: string;
  readonly value: T | undefined;
}

export interface MasterKeySettings {
  readonly file: Setting<string>;
  readonly command: Setting<readonly string[]>;
  readonly text: Setting<string>;
}

/** @throws FobtwinError `usage` naming both sources: which one would win is nothing to guess at */
export function masterKeyOptions({ file, command, text }: MasterKeySettings): MasterKeyOptions {
  const given = [file, command, text].filter(({ value }) => value !== undefined);
  if (given.length > 1) {
    const sources = given.map(({ source }) => source).join(' and ');
    throw new FobtwinError('usage', `${sources} each say where the master key comes from`, {
      nextStep: 'Give one of them.',
    });
  }
  const { source: variable, value } = text;
  return {
    masterKeyFile: file.value,
    masterKeyCommand: command.value,
    masterKeyText: value === undefined ? undefined : { variable, text: new HiddenText(value) },
  };
}
