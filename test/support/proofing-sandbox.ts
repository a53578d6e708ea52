import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ProviderFailure } from '../../server/lab/proofing-provider.ts';
import { startListening, temporaryDirectory } from './fobd-process.ts';

/** The sandbox provider of proofing questions, as a process of its own. */
export interface ProofingSandbox {
  readonly address: string;
  readonly key: Uint8Array;
  /** What `--proofing` names. */
  readonly optionsFile: string;
  fail(failure: ProviderFailure): Promise<void>;
  /** Resolves with its exit code. */
  stop(): Promise<number | NodeJS.Signals>;
}

export async function startSandbox(): Promise<ProofingSandbox> {
  const { place, remove } = await temporaryDirectory();
  const key = randomBytes(32);
  const keyFile = path.join(place, 'proofing.key');
  await writeFile(keyFile, `${key.toString('hex')}\n`);
  const { address, signal, ended } = await startListening([
    ...['lab', 'proofing-provider', '--key-file', keyFile],
  ]);
  const optionsFile = path.join(place, 'proofing.json');
  await writeFile(optionsFile, JSON.stringify({ url: address, keyFile: 'proofing.key' }));
  return {
    address,
    key,
    optionsFile,
    async fail(failure) {
      const { status } = await fetch(`${address}/failure`, { method: 'PUT', body: failure });
      if (status !== 204) throw new Error(`the sandbox answered ${status}`);
    },
    async stop() {
      signal('SIGTERM');
      const code = await ended;
      await remove();
      return code;
    },
  };
}
