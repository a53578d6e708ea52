import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import { type Environment, type Flags, readConfig } from '../../server/config.ts';
import { DEFAULT_POLICY } from '../../server/verification/policy.ts';
import { FobtwinError } from '../../shared/errors.ts';
import { temporaryDirectory } from '../support/fobd-process.ts';

const read = (flags: Flags, environment: Environment = {}) =>
  readConfig(flags, environment, { directory: '/srv' });

const refusal = (flags: Flags, environment: Environment = {}): FobtwinError => {
  try {
    read(flags, environment);
  } catch (error) {
    if (error instanceof FobtwinError) return error;
  }
  throw new Error('it was not refused');
};

describe('configuration', () => {
  it('has defaults that listen to this machine only', () => {
    const { data, ...config } = read({}, { XDG_RUNTIME_DIR: '/run/user/1' });
    expect(path.isAbsolute(data)).to.equal(true);
    expect(config).to.deep.equal({
      masterKeyFile: undefined,
      policy: DEFAULT_POLICY,
      host: '127.0.0.1',
      port: 8080,
      behindProxy: false,
      logLevel: 'info',
      logRequests: false,
      runtimeDirectory: '/run/user/1',
    });
  });

  it('takes flags before the environment before defaults', () => {
    const environment = {
      FOBD_DATA: '/var/fobd',
      FOBD_PORT: '81',
      FOBD_HOST: '::1',
      FOBD_MASTER_KEY_FILE: 'key',
      FOBD_LOG_LEVEL: 'warn',
      FOBD_LOG_REQUESTS: 'true',
      FOBD_BEHIND_PROXY: 'true',
    };
    expect(read({}, environment)).to.include({
      data: '/var/fobd',
      port: 81,
      host: '::1',
      masterKeyFile: '/srv/key',
      logLevel: 'warn',
      logRequests: true,
      behindProxy: true,
    });
    const flags = {
      data: 'here',
      port: '0',
      host: 'localhost',
      masterKeyFile: '/key2',
      logLevel: 'silent',
      logRequests: 'false',
      behindProxy: 'false',
    };
    expect(read(flags, environment)).to.include({
      data: '/srv/here',
      port: 0,
      host: 'localhost',
      masterKeyFile: '/key2',
      logLevel: 'silent',
      logRequests: false,
      behindProxy: false,
    });
  });

  it('takes an empty variable for one that is not set', () => {
    expect(read({}, { FOBD_PORT: '' }).port).to.equal(8080);
  });

  it('is frozen, the policy too', () => {
    const config = read({});
    expect(config).to.be.frozen;
    expect(config.policy).to.be.frozen;
  });

  const wrong: readonly (readonly [string, Flags])[] = [
    ['--port', { port: '65536' }],
    ['--port', { port: '-1' }],
    ['--port', { port: '1e3' }],
    ['--port', { port: '' }],
    ['--host', { host: 'a b' }],
    ['--host', { host: '' }],
    ['--data', { data: '' }],
    ['--data', { data: 'x'.repeat(5000) }],
    ['--log-level', { logLevel: 'loud' }],
    ['--log-requests', { logRequests: 'yes' }],
    ['--behind-proxy', { behindProxy: '1' }],
    ['--master-key-file', { masterKeyFile: '' }],
  ];
  for (const [flag, flags] of wrong) {
    it(`names ${flag} when it is ${JSON.stringify(Object.values(flags)[0]).slice(0, 20)}`, () => {
      const error = refusal(flags);
      expect(error.code).to.equal('usage');
      expect(error.message).to.match(new RegExp(`^${flag} `));
    });
  }

  it('names the variable at fault, not the flag', () => {
    expect(refusal({}, { FOBD_PORT: 'http' }).message).to.match(/^FOBD_PORT /);
  });

  describe('a public address', () => {
    for (const host of [
      '0.0.0.0',
      '::',
      '192.0.2.1',
      'fobd.example.org',
      '128.0.0.1',
      '1.27.0.0',
    ]) {
      it(`${host} needs the word that a proxy provides TLS`, () => {
        const error = refusal({ host });
        expect(error.code).to.equal('usage');
        expect(error.message).to.contain('--host');
        expect(error.nextStep).to.contain('--behind-proxy');
        expect(read({ host, behindProxy: 'true' }).host).to.equal(host);
      });
    }
    for (const host of ['127.0.0.1', '127.1.2.3', '::1', 'localhost']) {
      it(`${host} is none`, () => {
        expect(read({ host }).host).to.equal(host);
      });
    }
  });

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
      [`{"lookAhead": ${' '.repeat(20_000)}10}`, 'cannot be read as JSON'],
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
});
