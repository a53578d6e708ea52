import { readFile } from 'node:fs/promises';
import { expect } from 'chai';

const PNG = '\x89PNG\r\n\x1a\n';

/** A report names its picture as CI servers look for it, and a PNG is there. */
export async function expectPicture(report: string): Promise<void> {
  const [, file] = /\[\[ATTACHMENT\|([^\]]+)\]\]/.exec(report) ?? [];
  if (file === undefined) throw new Error(`No picture is named in ${report}`);
  const bytes = await readFile(file);
  expect(bytes.subarray(0, PNG.length).toString('latin1')).to.equal(PNG);
  expect(bytes.length).to.be.greaterThan(1000);
}
