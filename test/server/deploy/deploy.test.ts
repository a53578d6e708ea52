import { execFile } from 'node:child_process';
import { access, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { parse } from 'yaml';
import { createMetrics } from '../../../server/metrics/metrics.ts';
import { type Peer, peerOrSkip } from '../../support/debian.ts';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');
const DEPLOY = path.join(ROOT, 'server/deploy');
const execute = promisify(execFile);

let place: string;
beforeEach(async () => {
  place = await mkdtemp(path.join(tmpdir(), 'fobd-deploy-'));
});
afterEach(() => rm(place, { recursive: true, force: true }));

/** Exposure is 0 (sealed) to 10 (open); systemd calls under 2 "OK". */
const EXPOSURE_MAX = 2;

describe('the systemd unit', () => {
  /** A copy that names a program that is there. */
  async function unit(): Promise<string> {
    const text = await readFile(path.join(DEPLOY, 'fobd.service'), 'utf8');
    const file = path.join(place, 'fobd.service');
    await writeFile(file, text.replace('/usr/bin/fobd', '/usr/bin/env'));
    return file;
  }

  let systemd: Peer;
  before(async function () {
    systemd = await peerOrSkip(this, 'systemd-analyze');
  });

  async function analyze(...args: string[]) {
    // The units that it names lie beside the program, wherever that was unpacked.
    const root = path.resolve(systemd.path, '../../..');
    const units = ['usr/lib', 'lib'].map((lib) => path.join(root, lib, 'systemd/system'));
    const env = { ...systemd.env, SYSTEMD_UNIT_PATH: [place, ...units].join(':') };
    return execute(systemd.path, [...args, await unit()], { env });
  }

  it('is one that systemd takes, without a word', async () => {
    const { stdout, stderr } = await analyze('verify');
    expect(stdout + stderr).to.equal('');
  });

  it('leaves little within reach', async () => {
    const { stdout } = await analyze('security', '--offline=true');
    const exposure = /exposure level for fobd\.service: ([\d.]+)/.exec(stdout)?.[1];
    expect(Number(exposure)).to.be.lessThan(EXPOSURE_MAX);
  });

  it('restarts after a failure, reloads, and gives a stop its time', async () => {
    const text = await readFile(path.join(DEPLOY, 'fobd.service'), 'utf8');
    const setting = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(text)?.[1];
    expect(setting('Restart')).to.equal('on-failure');
    expect(setting('ExecReload')).to.contain('-HUP');
    expect(Number(setting('TimeoutStopSec'))).to.be.greaterThan(10);
    expect(Number(setting('LimitNOFILE'))).to.be.greaterThan(10_000);
    expect(setting('ExecStart')).to.match(/^\/usr\/bin\/fobd serve /);
  });
});

describe('the Dockerfile', () => {
  interface Instruction {
    readonly name: string;
    readonly words: readonly string[];
  }

  async function stages(): Promise<readonly (readonly Instruction[])[]> {
    const text = await readFile(path.join(DEPLOY, 'Dockerfile'), 'utf8');
    const found: Instruction[][] = [];
    for (const line of text.replaceAll(/\\\n/g, ' ').split('\n')) {
      const [name = '', ...words] = line.trim().split(/\s+/);
      if (name === '' || name.startsWith('#')) continue;
      if (name === 'FROM') found.push([]);
      found.at(-1)?.push({ name, words });
    }
    return found;
  }

  it('copies only what is there, and all that the build reads', async () => {
    const [build = []] = await stages();
    const copied = build
      .filter(({ name }) => name === 'COPY')
      .flatMap(({ words }) => words.slice(0, -1));
    for (const file of copied) await access(path.join(ROOT, file));
    const { scripts } = JSON.parse(await readFile(path.join(ROOT, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    expect(scripts['build']).to.equal('node esbuild.config.js');
    const script = await readFile(path.join(ROOT, 'esbuild.config.js'), 'utf8');
    for (const [, file = ''] of script.matchAll(/['"`](emulator|shared|server)\//g)) {
      expect(copied).to.include(file);
    }
    expect(copied).to.include.members(['package.json', 'package-lock.json', 'firmware-spec']);
  });

  it('makes a layout in which both programs run', async function () {
    this.timeout(60_000);
    const [, final = []] = await stages();
    for (const { words } of final.filter(({ name }) => name === 'COPY')) {
      const [stage = '', from = '', to = ''] = words;
      expect(stage).to.equal('--from=build');
      await symlink(path.join(ROOT, path.relative('/build', from)), path.join(place, to));
    }
    const links = final.find(({ name }) => name === 'RUN')?.words.join(' ') ?? '';
    for (const [, target = '', name = ''] of links.matchAll(
      /ln -s (\S+) \/usr\/local\/bin\/(\S+)/g,
    )) {
      const bin = path.join(place, path.relative('/app', target));
      const { stdout } = await execute(process.execPath, [bin, '--version']);
      expect(stdout, name).to.match(/^\d+\.\d+\.\d+\n$/);
    }
    const entry = final.find(({ name }) => name === 'ENTRYPOINT')?.words.join(' ') ?? '';
    expect(JSON.parse(entry)).to.deep.equal(['node', '/app/dist/fobd.js']);
  });

  it('runs as a user of its own, and keeps its data in a volume', async () => {
    const [, final = []] = await stages();
    const said = (name: string) => final.find((one) => one.name === name)?.words.join(' ');
    expect(said('USER')).to.equal('node');
    expect(said('VOLUME')).to.equal('/data');
    expect(said('ENV')).to.contain('FOBD_DATA=/data/');
  });
});

/** For each label of a matcher, and each value of `=~`, what the line of a metric holds. */
const linesOf = (labels: string): readonly ((metric: string) => RegExp)[] =>
  [...labels.matchAll(/(\w+)=~?"([^"]+)"/g)].flatMap(([, name, values = '']) =>
    values.split('|').map((value) => (metric: string) => {
      return new RegExp(`^${metric}\\{([^}]*,)?${name}="${value}"`, 'm');
    }),
  );

describe('the rules for Prometheus', () => {
  interface Rule {
    readonly alert: string;
    readonly expr: string;
    readonly for?: string;
    readonly labels: { readonly severity: string };
    readonly annotations: { readonly summary: string };
  }

  async function rules(): Promise<readonly Rule[]> {
    const file = await readFile(path.join(DEPLOY, 'alerts.yaml'), 'utf8');
    const { groups } = parse(file, { uniqueKeys: true }) as { groups: { rules: Rule[] }[] };
    return groups.flatMap((group) => group.rules);
  }

  it('ask only for metrics and labels that fobd has', async () => {
    const metrics = createMetrics({
      elapsedMillis: () => 0,
      now: () => 0,
      version: '1',
      process: false,
    });
    metrics.watch({
      storeState: () => ({ waiting: 0, waitingMax: 1, auditSequence: 0 }),
      notReady: () => [],
      certificateExpiresAt: () => 0,
      queues: () => undefined,
      now: () => 0,
    });
    metrics.store.recorded('verify', 'accepted');
    for (const result of ['taken', 'failed'] as const) metrics.phones.message('main', result);
    metrics.store.recorded('verify', 'wrongCode');
    const text = await metrics.text();
    const names = new Set([...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name));
    const all = await rules();
    expect(all).to.have.length.greaterThan(5);
    for (const { alert, expr } of all) {
      const asked = [...expr.matchAll(/fobd_\w+/g)].map(([name]) => name);
      for (const name of asked) expect(names, alert).to.include(name.replace(/_bucket$/, ''));
      for (const [, metric, labels = ''] of expr.matchAll(/(fobd_\w+)\{([^}]*)\}/g)) {
        if (metric === 'fobd_http_requests_total') expect(labels).to.match(/^status="\d{3}"$/);
        else for (const line of linesOf(labels)) expect(text, alert).to.match(line(metric ?? ''));
      }
      expect(expr.split('(').length, alert).to.equal(expr.split(')').length);
    }
  });

  it('say each once how bad it is and what it means', async () => {
    const all = await rules();
    expect(new Set(all.map(({ alert }) => alert)).size).to.equal(all.length);
    for (const { alert, labels, annotations, for: span } of all) {
      expect(labels.severity, alert).to.match(/^(page|ticket)$/);
      expect(annotations.summary, alert).to.match(/\{\{ \$labels\.instance \}\}/);
      if (span !== undefined) expect(span, alert).to.match(/^\d+[mh]$/);
    }
  });
});
