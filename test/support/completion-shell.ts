import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

/**
 * What a real bash offers after TAB, the script loaded as a person loads it.
 *
 * @param line words so far; a space at its end begins a new word
 */
export async function offeredByBash(
  script: string,
  program: string,
  line: string,
): Promise<readonly string[]> {
  const place = await mkdtemp(path.join(tmpdir(), 'fobtwin-completion-'));
  try {
    const file = path.join(place, 'completion.bash');
    await writeFile(file, script);
    const driver = `
      set -eu
      cd "$2"
      source "$1"
      read -ra COMP_WORDS <<< "$3"
      [[ "$3" == *' ' ]] && COMP_WORDS+=('')
      COMP_CWORD=$(( \${#COMP_WORDS[@]} - 1 ))
      registered=$(complete -p "$4")
      [[ "$registered" =~ -F\\ ([A-Za-z_]+) ]]
      "\${BASH_REMATCH[1]}"
      printf '%s\\n' "\${COMPREPLY[@]:-}"`;
    const args = ['--norc', '--noprofile', '-c', driver, 'bash', file, place, line, program];
    const { stdout } = await promisify(execFile)('bash', args);
    return stdout.split('\n').filter((word) => word !== '');
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}
