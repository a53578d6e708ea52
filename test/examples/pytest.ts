import path from 'node:path';
import { libraryOrSkip } from '../support/debian.ts';
import { runProgram } from './running.ts';

/** What `python3 -m pytest` needs in its environment: nothing, or where Debian's was unpacked. */
export async function pythonWithPytest(
  context: Mocha.Context,
): Promise<Readonly<Record<string, string>>> {
  const here = await runProgram('python3', ['-m', 'pytest', '--version'], { cwd: '.' });
  if (here.exitCode === 0) return {};
  const root = await libraryOrSkip(context, 'python3-pytest');
  return { PYTHONPATH: path.join(root, 'usr/lib/python3/dist-packages') };
}
