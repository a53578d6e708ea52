import { hostname } from 'node:os';
import path from 'node:path';
import { inspect } from 'node:util';
import { expect } from 'chai';
import { type Environment, type Flags, readEnvironment } from '../../server/config.ts';
import { DEFAULT_LIMITS } from '../../server/http/limits-options.ts';
import { DEFAULT_POLICY } from '../../server/verification/policy.ts';
import { read, refusal } from './read-config.ts';

describe('configuration', () => {
  it('has defaults that listen to this machine only', () => {
    const { data, hostName, edges, business, ...config } = read(
      {},
      { XDG_RUNTIME_DIR: '/run/user/1' },
    );
    expect(Object.values(edges)).to.deep.equal(Array(5).fill(undefined));
    expect(Object.values(business).every((options) => options === undefined)).to.equal(true);
    expect(hostName).to.equal(hostname());
    expect(path.isAbsolute(data)).to.equal(true);
    expect(config).to.deep.equal({
      masterKeyFile: undefined,
      masterKeyCommand: undefined,
      masterKeyText: undefined,
      newMasterKey: {
        masterKeyFile: undefined,
        masterKeyCommand: undefined,
        masterKeyText: undefined,
      },
      policy: DEFAULT_POLICY,
      host: '127.0.0.1',
      port: 8080,
      tls: undefined,
      behindProxy: false,
      trustedProxies: [],
      limits: DEFAULT_LIMITS,
      sessions: { idleMillis: 1_800_000, lifeMillis: 43_200_000 },
      logLevel: 'info',
      logRequests: false,
      diskReserveBytes: 256 * 1024 * 1024,
      audit: {
        forward: undefined,
        checkpointMillis: undefined,
        checkpointPlace: undefined,
        policy: { keepMillis: 90 * 86_400_000, keepEntries: 1000 },
      },
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
    ['--master-key-command', { masterKeyCommand: '' }],
    ['--master-key-command', { masterKeyCommand: "kms 'key" }],
    ['--new-master-key-command', { newMasterKeyCommand: ' ' }],
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

  describe('where the master key comes from', () => {
    const KEY = 'ab'.repeat(32);
    const pairs: readonly (readonly [Flags, Environment, readonly [string, string]])[] = [
      [
        { masterKeyFile: 'a', masterKeyCommand: 'b' },
        {},
        ['--master-key-file', '--master-key-command'],
      ],
      [{ masterKeyFile: 'a' }, { FOBD_MASTER_KEY: KEY }, ['--master-key-file', 'FOBD_MASTER_KEY']],
      [
        { masterKeyCommand: 'a' },
        { FOBD_MASTER_KEY_FILE: 'b' },
        ['FOBD_MASTER_KEY_FILE', '--master-key-command'],
      ],
      [
        {},
        { FOBD_MASTER_KEY: KEY, FOBD_MASTER_KEY_COMMAND: 'b' },
        ['FOBD_MASTER_KEY_COMMAND', 'FOBD_MASTER_KEY'],
      ],
      [
        { newMasterKeyFile: 'a' },
        { FOBD_NEW_MASTER_KEY: KEY },
        ['--new-master-key-file', 'FOBD_NEW_MASTER_KEY'],
      ],
    ];
    for (const [flags, environment, named] of pairs) {
      it(`is not both ${named.join(' and ')}`, () => {
        const { code, message } = refusal(flags, environment);
        expect(code).to.equal('usage');
        expect(message).to.contain(named.join(' and ')).and.not.to.contain(KEY);
      });
    }

    it('is a command without a shell, a file, or a variable that nobody sees', () => {
      const { masterKeyCommand } = read({ masterKeyCommand: "kms 'a b' $c" });
      expect(masterKeyCommand).to.deep.equal(['kms', 'a b', '$c']);
      expect(read({ newMasterKeyFile: 'k' }).newMasterKey.masterKeyFile).to.equal('/srv/k');
      const config = read({}, { FOBD_MASTER_KEY: KEY });
      expect(config.masterKeyText?.text.reveal()).to.equal(KEY);
      expect(inspect(config, { depth: 9, showHidden: true })).not.to.contain(KEY);
      expect(JSON.stringify(config)).not.to.contain(KEY);
    });

    it('is taken out of the environment that children inherit', () => {
      process.env['FOBD_MASTER_KEY'] = KEY;
      process.env['FOBD_NEW_MASTER_KEY'] = KEY;
      const environment = readEnvironment();
      expect(environment).to.include({ FOBD_MASTER_KEY: KEY, FOBD_NEW_MASTER_KEY: KEY });
      expect(process.env).not.to.have.any.keys('FOBD_MASTER_KEY', 'FOBD_NEW_MASTER_KEY');
    });
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

  it('lets TLS open a public address, and wants both of its files', () => {
    const flags = { host: '0.0.0.0', tlsCertificate: 'tls.pem', tlsKey: '/etc/tls.key' };
    expect(read(flags).tls).to.deep.equal({
      certificateFile: '/srv/tls.pem',
      keyFile: '/etc/tls.key',
    });
    const { tlsKey, ...withoutKey } = flags;
    expect(refusal(withoutKey).message).to.contain('--tls-key is missing');
    const alone = refusal({}, { FOBD_TLS_KEY: tlsKey });
    expect(alone.message).to.contain('--tls-certificate is missing');
    expect(refusal({ host: '0.0.0.0' }).nextStep).to.contain('--tls-certificate');
  });

  it('reserves as much of the disk as it is told to', () => {
    expect(read({ diskReserve: '2' }).diskReserveBytes).to.equal(2 * 1024 * 1024);
    expect(refusal({ diskReserve: '1.5' }).message).to.contain('--disk-reserve');
  });

  it('trusts a proxy of this machine behind one, others by name, and none otherwise', () => {
    const trusted = (flags: Flags) => read(flags).trustedProxies.map(({ text }) => text);
    expect(trusted({ behindProxy: 'true' })).to.deep.equal(['127.0.0.0/8', '::1/128']);
    const named = { behindProxy: 'true', trustedProxy: '10.0.0.7, 2001:db8::/64' };
    expect(trusted(named)).to.deep.equal(['10.0.0.7/32', '2001:db8::/64']);
    expect(refusal({ trustedProxy: '10.0.0.7' }).nextStep).to.include('--behind-proxy');
    for (const text of ['proxy', '10.0.0.7,', '10.0.0.0/33', '']) {
      const flags = { behindProxy: 'true', trustedProxy: text };
      expect(refusal(flags).message, text).to.include('--trusted-proxy');
    }
  });

  it('says how the audit log is kept', () => {
    const { audit } = read(
      { auditForward: 'file:audit.jsonl', checkpointEvery: '1h', checkpointTo: 'checkpoints' },
      { FOBD_AUDIT_KEEP: '365d', FOBD_AUDIT_KEEP_ENTRIES: '5' },
    );
    expect(audit.forward).to.include({ way: 'file', file: '/srv/audit.jsonl' });
    expect(audit.checkpointMillis).to.equal(3_600_000);
    expect(audit.checkpointPlace).to.equal('/srv/checkpoints');
    expect(audit.policy).to.deep.equal({ keepMillis: 365 * 86_400_000, keepEntries: 5 });
    const toLog = read({ checkpointEvery: '1h', checkpointTo: 'log' });
    expect(toLog.audit.checkpointPlace).to.equal(undefined);
    const refused: Flags[] = [
      { auditForward: 'syslog://host' },
      { checkpointEvery: '10ms' },
      { checkpointEvery: '366d' },
      { checkpointTo: 'log' },
      { auditKeep: 'long' },
      { auditKeepEntries: '0' },
    ];
    for (const flags of refused) expect(refusal(flags).code).to.equal('usage');
  });
});
