import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import { DEFAULT_LIMITS } from '../../server/http/limits-options.ts';
import { DEFAULT_POLICY } from '../../server/verification/policy.ts';
import { temporaryDirectory } from '../support/fobd-process.ts';
import { read, refusal } from './read-config.ts';

describe('configuration by files', () => {
  describe('--policy', () => {
    let place: string;
    let remove: () => Promise<void>;
    before(async () => {
      ({ place, remove } = await temporaryDirectory());
    });
    after(() => remove());

    const write = async (content: string): Promise<string> => {
      const file = path.join(place, 'policy.json');
      await writeFile(file, content);
      return file;
    };

    it('changes what it names and nothing else', async () => {
      const policy = await write('{"lookAhead": 25, "lockAfterFailures": 5}');
      expect(read({ policy }).policy).to.deep.equal({
        ...DEFAULT_POLICY,
        lookAhead: 25,
        lockAfterFailures: 5,
      });
      expect(read({}, { FOBD_POLICY: policy }).policy.lookAhead).to.equal(25);
    });

    const refused: readonly (readonly [string, string])[] = [
      ['{"lookAhead": 0}', 'lookAhead'],
      ['{"lookAhead": 10.5}', 'lookAhead'],
      ['{"lookAhead": "10"}', 'lookAhead'],
      ['{"lookAhaed": 10}', 'lookAhaed'],
      ['{"disableAfterFailures": 101}', 'disableAfterFailures'],
      ['{"lockAfterFailures": 50, "disableAfterFailures": 40}', 'lockAfterFailures'],
      ['[10]', 'policy.json'],
      ['{"lookAhead": 10', 'cannot be read as JSON'],
      [`{"lookAhead": ${' '.repeat(20_000)}10}`, 'is too long'],
    ];
    for (const [content, named] of refused) {
      it(`refuses ${content.slice(0, 60)} and names ${named}`, async () => {
        const error = refusal({ policy: await write(content) });
        expect(error.code).to.equal('usage');
        expect(error.message).to.contain('--policy').and.to.contain(named);
      });
    }

    it('refuses a file that is not there', () => {
      expect(refusal({ policy: '/nowhere/policy.json' }).message).to.contain('--policy');
    });
  });

  it('reads limits from a file, and refuses those that cannot be', async () => {
    const { place, remove } = await temporaryDirectory();
    try {
      const limits = path.join(place, 'limits.json');
      await writeFile(limits, '{"wrongKeysPerMinute": 5}');
      expect(read({ limits }).limits).to.deep.equal({ ...DEFAULT_LIMITS, wrongKeysPerMinute: 5 });
      for (const text of ['{"wrongKeysPerMinute": -1}', '{"wrongKeys": 5}', '[]x']) {
        await writeFile(limits, text);
        const { code, message } = refusal({ limits });
        expect(code).to.equal('usage');
        expect(message).to.include(`--limits ${limits}`);
      }
    } finally {
      await remove();
    }
  });

  it('reads how long people stay signed in from a file', async () => {
    const { place, remove } = await temporaryDirectory();
    try {
      const sessions = path.join(place, 'sessions.json');
      await writeFile(sessions, '{"idleMillis": 600000}');
      const { idleMillis, lifeMillis } = read({ sessions }).sessions;
      expect([idleMillis, lifeMillis]).to.deep.equal([600_000, 43_200_000]);
      await writeFile(sessions, '{"idleMillis": 1}');
      expect(refusal({ sessions }).message).to.match(/^--sessions .+idleMillis/);
    } finally {
      await remove();
    }
  });
});
