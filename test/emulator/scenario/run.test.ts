import { existsSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { expect } from 'chai';
import { formatReport } from '../../../emulator/scenario/report.ts';
import {
  type ScenarioResult,
  type StepResult,
  whatWentWrong,
} from '../../../emulator/scenario/run.ts';
import type { UnixMillis } from '../../../shared/types.ts';
import { TEST_NOW, temporaryDirectory } from '../../support/fob-env.ts';
import { runHere } from './labs.ts';
import { readSound, scenarioText } from './reading.ts';

type Options = Parameters<typeof runHere>[1];

const play = (steps: string, options?: Options, header?: string): Promise<ScenarioResult> =>
  runHere(readSound(scenarioText(steps, header)), options);

/** How it ended: the verdict, and what is said of the step that ended it. */
async function ending(steps: string, options?: Options, header?: string): Promise<string> {
  const result = await play(steps, options, header);
  const last = result.steps.find(({ verdict }) => verdict === 'failed' || verdict === 'broken');
  return last === undefined ? result.verdict : `${last.verdict}: ${whatWentWrong(result, last)}`;
}

describe('running a scenario', () => {
  it('moves simulated time only, and by what is said', async () => {
    const steps =
      '  - make:\n  - advance: 90s\n  - at: 2026-02-01T00:00:00Z\n  - press: {hold: 6s}\n';
    const { verdict, steps: results } = await play(steps);
    expect(verdict).to.equal('passed');
    expect(results.map(({ at }) => new Date(at).toISOString())).to.deep.equal([
      '2026-01-01T00:00:00.000Z',
      '2026-01-01T00:01:30.000Z',
      '2026-02-01T00:00:00.000Z',
      '2026-02-01T00:00:06.000Z',
    ]);
  });

  it('refuses to go back in time and says when it is', async () => {
    expect(await ending('  - make:\n  - at: 2025-12-31T23:59:59Z\n')).to.equal(
      'broken: test.yaml:5:5: step 2 (at): Time only runs forward: it is ' +
        '2026-01-01T00:00:00.000Z already, at 2026-01-01T00:00:00.000Z',
    );
  });

  it('names file, line, column, step, what was expected and seen, and the time', async () => {
    const steps =
      '  - make:\n  - advance: 1m\n  - name: it is broken\n    expect-display: "Err"\n  - press:\n';
    expect(await ending(steps)).to.equal(
      'failed: test.yaml:6:5: step 3 "it is broken" (expect-display): expected "Err", ' +
        'saw nothing (asleep), at 2026-01-01T00:01:00.000Z',
    );
  });

  it('skips what follows a step that failed', async () => {
    const { steps } = await play('  - make:\n  - expect-display: "x"\n  - press:\n');
    expect(steps.map(({ verdict }) => verdict)).to.deep.equal(['passed', 'failed', 'skipped']);
  });

  it('gives the same report from the same random seed, and another from another', async () => {
    const steps =
      '  - make: {part-id: one}\n  - press: one\n  - inject: {part-id: one, fault: garbled}\n' +
      '  - advance: 1m\n  - press: one\n  - expect-display: {part-id: one, text: "x"}\n';
    const report = async (randomSeed: number) =>
      formatReport([await play(steps, undefined, `randomSeed: ${randomSeed}\n`)], 'json');
    expect(await report(5)).to.equal(await report(5));
    expect(await report(5)).to.not.equal(
      (await report(6)).replace('"randomSeed": 6', '"randomSeed": 5'),
    );
  });

  it('does not change what one token draws when another is made before it', async () => {
    const shownBy = async (before: string) => {
      const checked = '  - press: two\n  - expect-display: {part-id: two, text: "x"}\n';
      return ending(`${before}  - make: {part-id: two, profile: e6}\n${checked}`);
    };
    const seen = (text: string) => /saw "(\d{6})"/.exec(text)?.[1];
    const alone = seen(await shownBy(''));
    expect(alone).to.match(/^\d{6}$/);
    expect(seen(await shownBy('  - make: {part-id: one, count: 3}\n'))).to.equal(alone);
  });

  it('saves no code from a dark display', async () => {
    expect(await ending('  - make:\n  - save-code: first\n')).to.match(
      /^failed: .+expected a code to save as first, saw none: it is asleep/,
    );
  });

  it('waits for a fresh code with so long to live', async () => {
    const steps =
      '  - make: {crystal: ideal}\n  - press:\n  - save-code: first\n  - advance: 25s\n' +
      '  - press: {fresh: true, min-remaining: 8s}\n  - expect-display: {code-not: first}\n' +
      '  - advance: 30s\n  - advance: 25s\n  - press: {min-remaining: 8s}\n  - advance: 7s\n' +
      '  - expect-display: {of-seed: true}\n';
    const { verdict, steps: results } = await play(steps);
    expect(verdict).to.equal('passed');
    expect(results[4]?.at).to.equal(TEST_NOW + 30_000);
    expect(results[8]?.at).to.equal(TEST_NOW + 90_000);
  });

  it('says that no fresh code comes from a clock that stands still', async () => {
    const steps = '  - make:\n  - press:\n  - inject: clockStopped\n  - press: {fresh: true}\n';
    expect(await ending(steps)).to.match(/^broken: .+\(press\): The clock of \S+ stands still/);
  });

  it('compares segments, marks, icons and contrast', async () => {
    const lit = '  - make: {crystal: ideal}\n  - press:\n';
    expect(await ending(`${lit}  - expect-segments: {lit: true, marks: 6, icons: []}\n`)).to.equal(
      'passed',
    );
    expect(await ending(`${lit}  - expect-segments: {marks: 5}\n`)).to.include(
      'expected marks 5, saw marks 6',
    );
    expect(await ending(`${lit}  - expect-segments: {icons: [lock]}\n`)).to.include(
      'expected icons [lock], saw icons []',
    );
    expect(await ending(`${lit}  - expect-segments: {contrast-at-most: 0.1}\n`)).to.include(
      'expected contrast at most 0.1, saw ',
    );
  });

  it('counts and clocks are seen by expect-state', async () => {
    const steps = '  - make: {profile: e6, counter: 5}\n  - press:\n';
    expect(await ending(`${steps}  - expect-state: {counter: 6, presses: 1}\n`)).to.equal('passed');
    expect(await ending(`${steps}  - expect-state: {presses: 2}\n`)).to.include(
      'expected presses 2, saw presses 1',
    );
    expect(await ending(`${steps}  - expect-state: {clock-off-at-least: 1s}\n`)).to.include(
      'expected its clock off by at least 1000 ms',
    );
  });

  it('tells of each step as it ends, and stops when it is asked to', async () => {
    const controller = new AbortController();
    const told: StepResult['verdict'][] = [];
    const result = await play('  - make:\n  - press:\n  - press:\n', {
      signal: controller.signal,
      onStep({ verdict, step }) {
        told.push(verdict);
        if (step.number === 2) controller.abort();
      },
    });
    expect(told).to.deep.equal(['passed', 'passed', 'broken']);
    expect(result.verdict).to.equal('broken');
  });

  it('follows a real clock, and waits only there', async () => {
    let now = TEST_NOW + 3_600_000;
    const waits: number[] = [];
    const result = await play(
      '  - make: {crystal: ideal}\n  - press:\n  - press: {fresh: true}\n',
      {
        clock: { now: () => now as UnixMillis },
        pause: async (millis) => {
          waits.push(millis);
          now += millis;
        },
      },
      'clock: real\n',
    );
    expect(result.verdict).to.equal('passed');
    expect(waits).to.deep.equal([30_000]);
    expect(result.startedAt).to.equal(TEST_NOW + 3_600_000);
  });

  it('takes a picture and compares it pixel by pixel', async () => {
    const directory = temporaryDirectory();
    try {
      const options = { directory: directory.path };
      const lit = '  - make: {crystal: ideal}\n  - press:\n';
      const saved = '  - take-screenshot: lcd/lit.png\n  - take-screenshot: lcd/lit.svg\n';
      const same = '  - take-screenshot: {compare-with: lcd/lit.png}\n';
      expect(await ending(lit + saved + same, options)).to.equal('passed');
      expect(existsSync(path.join(directory.path, 'lcd/lit.svg'))).to.equal(true);
      expect(await ending(`${lit}  - inject: rotated\n${same}`, options)).to.match(
        /expected the same picture, saw \d+ pixels that differ, the first at \d+, \d+/,
      );
      writeFileSync(path.join(directory.path, 'huge.png'), pictureOf(60_000, 60_000));
      const huge = `${lit}  - take-screenshot: {compare-with: huge.png}\n`;
      expect(await ending(huge, options)).to.match(/expected a picture of 60000 x 60000, saw/);
      expect(await ending(`${lit}  - take-screenshot: {compare-with: no.png}\n`, options)).to.match(
        /^broken: .+no\.png is not a PNG picture that can be read/,
      );
    } finally {
      directory.remove();
    }
  }).timeout(20_000);
});

describe('a scenario and servers that are not fobd', () => {
  let server: Server;
  let url: string;
  before(async () => {
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => {
        if (request.url === '/away') response.writeHead(302, { location: 'http://192.0.2.1/' });
        if (request.url === '/flood') response.write('x'.repeat(1_100_000));
        if (request.url === '/silent') return;
        response.end(`${request.method} ${request.headers['x-code'] ?? ''} ${body}`);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  const lit = '  - make: {crystal: ideal}\n  - press:\n  - save-code: first\n';
  const asked = (request: string) => `${lit}  - request: ${request.replaceAll('URL', url)}\n`;
  const simulated = 'clock: simulated\n';

  it('puts codes into address, headers and body', async () => {
    const request =
      '{url: "URL/login", method: POST, headers: {x-code: "$' +
      '{first}"}, body: "code=$' +
      '{displayed}", expect: {status: 200, contains: "code="}}';
    expect(await ending(asked(request), {}, simulated)).to.equal('passed');
    const refused = request.replace('contains: "code="', 'contains: denied');
    expect(await ending(asked(refused), {}, simulated)).to.match(
      /expected an answer with "denied", saw "POST (\d{6}) code=\1"/,
    );
  });

  it('expects a status, and follows no redirect', async () => {
    const away = '{url: URL/away, expect: {status: 302}}';
    expect(await ending(asked(away), {}, simulated)).to.equal('passed');
    expect(await ending(asked('URL/away'), {}, simulated)).to.include(
      'expected status 200, saw status 302',
    );
  });

  it('speaks to this computer only, unless told', async () => {
    const far = asked('{url: "http://192.0.2.1/", time-limit: 1ms}');
    expect(await ending(far, {}, simulated)).to.match(
      /^broken: .+192\.0\.2\.1 is another computer/,
    );
    expect(await ending(far, { allowRemote: true }, simulated)).to.match(
      /^broken: .+192\.0\.2\.1 (did not answer in time|cannot be reached)/,
    );
    expect(await ending(asked('"file:///etc/passwd"'), {}, simulated)).to.match(
      /^broken: .+url takes an address/,
    );
  });

  it('bounds how long and how much a server answers', async () => {
    expect(await ending(asked('URL/flood'), {}, simulated)).to.match(/^broken: .+longer than/);
    expect(await ending(asked('{url: URL/silent, time-limit: 50ms}'), {}, simulated)).to.match(
      /^broken: .+did not answer in time/,
    );
  });

  const script = (text: string) => JSON.stringify(['-e', text]);
  const executed = (text: string, more: string) =>
    `${lit}  - exec: {program: ${JSON.stringify(process.execPath)}, code: displayed, ` +
    `arguments: ${script(text)}, ${more}}\n`;
  const options = { directory: process.cwd(), variables: { ...process.env, FOB_API_KEY: 'k' } };
  const echo =
    "process.stdin.on('data', (code) => process.stdout.write('got ' + code.toString().trim() + " +
    "', key ' + process.env['FOB_API_KEY']))";

  it('gives a program the code on its standard input, and no API key', async () => {
    expect(await ending(executed(echo, 'expect: {contains: HELP}'), options, simulated)).to.match(
      /expected output with "HELP", saw "got \d{6}, key undefined"/,
    );
    expect(await ending(executed(echo, 'expect: {exit-code: 0}'), options, simulated)).to.equal(
      'passed',
    );
  });

  it('expects an exit code, and bounds time and output', async () => {
    expect(
      await ending(executed('process.exit(3)', 'expect: {exit-code: 0}'), options, simulated),
    ).to.include('expected exit code 0, saw exit code 3');
    const forever = executed('setInterval(() => {}, 1000)', 'time-limit: 200ms');
    expect(await ending(forever, options, simulated)).to.match(
      /^broken: .+did not end within 200 ms/,
    );
    const flood = executed(
      "setInterval(() => process.stdout.write('x'.repeat(300000)), 1)",
      'time-limit: 10s',
    );
    expect(await ending(flood, options, simulated)).to.match(/^broken: .+wrote more than/);
  });

  it('says that a program is not there; no shell reads its words', async () => {
    const missing = `${lit}  - exec: {program: "no-such-program; true", code: first}\n`;
    expect(await ending(missing, options, simulated)).to.match(/^broken: .+cannot be started/);
  });
});

/** The beginning of a picture that would fill 14 GB. */
function pictureOf(width: number, height: number): Buffer {
  const header = Buffer.alloc(33);
  Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13]).copy(header);
  header.write('IHDR', 12, 'latin1');
  header.writeUInt32BE(width, 16);
  header.writeUInt32BE(height, 20);
  return header;
}
