import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { readNewPassword } from '../../../server/cli/password-input.ts';
import type { CliEnv } from '../../../server/cli/surroundings.ts';
import { FobtwinError } from '../../../shared/errors.ts';

interface Typing {
  readonly env: CliEnv;
  readonly shown: () => string;
  /** Whether the terminal was left as it was found. */
  readonly modes: boolean[];
}

function typing(pieces: readonly (string | Uint8Array)[], isTTY: boolean, directory = '/'): Typing {
  let shown = '';
  const modes: boolean[] = [];
  async function* input() {
    yield* pieces;
  }
  const setRawMode = (raw: boolean) => modes.push(raw);
  const env = {
    directory,
    input: Object.assign(input(), { isTTY, setRawMode }),
    errors: { write: (text: string) => (shown += text) },
  } as unknown as CliEnv;
  return { env, shown: () => shown, modes };
}

async function refusal(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof FobtwinError) return `${error.code}: ${error.message}`;
  throw error ?? new Error('nothing was refused');
}

describe('reading a new password', () => {
  it('shows nothing of what is typed, twice, and lets it be corrected', async () => {
    const { env, shown, modes } = typing(
      ['wal', 'x\u007frus \u00e9', '\r', 'walrus \u00e9\r'],
      true,
    );
    expect(await readNewPassword(env, undefined)).to.equal('walrus \u00e9');
    expect(shown()).to.equal('New password: \nThe same again: \n');
    expect(modes).to.deep.equal([true, false]);
  });

  it('reads a letter that comes in two pieces', async () => {
    const bytes = Buffer.from('\u00e9tude\r\u00e9tude\r');
    const { env } = typing([bytes.subarray(0, 1), bytes.subarray(1)], true);
    expect(await readNewPassword(env, undefined)).to.equal('\u00e9tude');
  });

  for (const [what, pieces, reason] of [
    ['two that differ', ['a\rb\r'], 'The two passwords differ'],
    ['nothing', ['\r\r'], 'No password was given'],
    ['control-C', ['walrus\u0003'], 'Nothing was changed'],
    ['the end of the input', ['walrus'], 'Nothing was changed'],
    ['no end of it', ['w'.repeat(5000)], 'The password is too long'],
  ] as const) {
    it(`gives up at ${what}, and leaves the terminal as it was`, async () => {
      const { env, modes } = typing(pieces, true);
      expect(await refusal(readNewPassword(env, undefined))).to.equal(`usage: ${reason}`);
      expect(modes).to.deep.equal([true, false]);
    });
  }

  it('takes what is piped in, less one line end, and says nothing', async () => {
    const { env, shown } = typing(['seven tame ', 'walruses\r\n'], false);
    expect(await readNewPassword(env, undefined)).to.equal('seven tame walruses');
    expect(shown()).to.equal('');
    const spaced = typing([' a \n\n'], false);
    expect(await readNewPassword(spaced.env, undefined)).to.equal(' a \n');
  });

  it('refuses what is piped in and is nothing, too much, or not UTF-8', async () => {
    const ask = (piece: string | Uint8Array) =>
      refusal(readNewPassword(typing([piece], false).env, undefined));
    expect(await ask('\n')).to.equal('usage: No password was given');
    expect(await ask('x'.repeat(5000))).to.equal('usage: The password is too long');
    expect(await ask(Uint8Array.of(0xe9))).to.equal('usage: The password is not text in UTF-8');
  });

  it('reads a file, and refuses one that is not there or not UTF-8', async () => {
    const place = await mkdtemp(path.join(tmpdir(), 'fobd-password-'));
    try {
      await writeFile(path.join(place, 'good'), 'seven tame walruses\n');
      await writeFile(path.join(place, 'bad'), Uint8Array.of(0xe9, 0x0a));
      const { env } = typing([], true, place);
      expect(await readNewPassword(env, 'good')).to.equal('seven tame walruses');
      for (const file of ['bad', 'none']) {
        expect(await refusal(readNewPassword(env, file))).to.match(/^fileUnreadable: /);
      }
    } finally {
      await rm(place, { recursive: true });
    }
  });
});
