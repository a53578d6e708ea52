import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { debianProgram, type PeerOptions, PeerUnavailable } from './debian.ts';

describe("Debian's programs as peers", () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'fobtwin-debian-'));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  async function reasonFor(options: PeerOptions): Promise<string> {
    const error = await debianProgram('strace', options).catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(PeerUnavailable);
    return (error as PeerUnavailable).message;
  }

  it('are taken from PATH where they are', async () => {
    const program = path.join(directory, 'strace');
    await writeFile(program, '#!/bin/sh\n', { mode: 0o755 });
    const peer = await debianProgram('strace', { searchPath: `/nowhere:${directory}` });
    expect(peer.path).to.equal(program);
  });

  it('are not fetched without apt-get, and the reason is told', async () => {
    expect(await reasonFor({ searchPath: directory })).to.include('without apt-get');
  });

  it('are not fetched into a cache that cannot be written, and the reason is told', async () => {
    for (const tool of ['apt-get', 'dpkg']) await symlink('/bin/true', path.join(directory, tool));
    const file = path.join(directory, 'file');
    await writeFile(file, '');
    expect(await reasonFor({ searchPath: directory, cache: file })).to.include(file);
  });
});
