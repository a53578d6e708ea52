import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';

const root = new URL('../../', import.meta.url);

/** Comments and identifiers are for whoever works on fobd; what people read is not. */
const COMMENT = /^\s*(\*|\/\/|\/\*)/;
const OTHERWISE = /\blicence( keys?\b| \$)/i;

describe('what people read, on pages and terminals, in mails and refusals', () => {
  it('writes "license key", as the documents do that it follows', () => {
    const found: string[] = [];
    let spelled = 0;
    let files = 0;
    for (const folder of ['server', 'shared', 'emulator']) {
      for (const name of readdirSync(new URL(folder, root), {
        recursive: true,
        encoding: 'utf8',
      })) {
        if (!name.endsWith('.ts')) continue;
        files += 1;
        const lines = readFileSync(new URL(`${folder}/${name}`, root), 'utf8').split('\n');
        for (const line of lines) {
          if (COMMENT.test(line)) continue;
          if (line.includes('icense key')) spelled += 1;
          if (OTHERWISE.test(line)) found.push(`${name}: ${line.trim()}`);
        }
      }
    }
    expect(files).to.be.greaterThan(500);
    expect(spelled).to.be.greaterThan(20);
    expect(found).to.deep.equal([]);
  });
});
