import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { SaxesParser } from 'saxes';
import { scenarioJsonSchema } from '../../../emulator/scenario/json-schema.ts';
import { formatReport } from '../../../emulator/scenario/report.ts';
import { runHere } from './labs.ts';
import { readSound } from './reading.ts';

const STEPS =
  'name: <A> & "B" # 1\nversion: 1\nsteps:\n  - make:\n' +
  '  - name: </failure> & co\n    expect-display: "Err"\n  - press:\n';

describe('scenario reports', () => {
  const results = async () => [
    await runHere(readSound(STEPS.replace(' # 1', ''), 'a.yaml')),
    await runHere(readSound('name: good\nversion: 1\nsteps:\n  - make:\n', 'b.yaml')),
  ];

  it('junit: well-formed, a suite a scenario, a case a step', async () => {
    const odd = 'name: "no \\uFFFE XML"\nversion: 1\nsteps:\n  - make:\n';
    expect(formatReport([await runHere(readSound(odd))], 'junit')).to.include('"no   XML"');
    const xml = formatReport(await results(), 'junit');
    const elements: string[] = [];
    const parser = new SaxesParser();
    parser.on('opentag', ({ name, attributes }) =>
      elements.push(
        [name, attributes['failures'], attributes['skipped']].filter(Boolean).join(' '),
      ),
    );
    parser.on('error', (error) => {
      throw error;
    });
    parser.write(xml).close();
    expect(elements).to.deep.equal([
      ...['testsuites', 'testsuite 1 1', 'testcase', 'testcase', 'failure', 'testcase', 'skipped'],
      ...['testsuite 0 0', 'testcase'],
    ]);
    expect(xml).to.include('expected &quot;Err&quot;');
  });

  it('tap: version 14, a subtest a scenario', async () => {
    const lines = formatReport(await results(), 'tap').split('\n');
    expect(lines.slice(0, 5)).to.deep.equal([
      'TAP version 14',
      '1..2',
      '# Subtest: <A> & "B"',
      '    1..3',
      '    ok 1 - step 1 (make)',
    ]);
    expect(lines.filter((line) => /^(not )?ok/.test(line))).to.deep.equal([
      'not ok 1 - <A> & "B"',
      'ok 2 - good',
    ]);
    expect(lines).to.include('    ok 3 - step 3 (press) # SKIP a step before it failed');
  });

  it('json: what was expected and seen', async () => {
    const report = JSON.parse(formatReport(await results(), 'json'));
    expect(report.passed).to.equal(false);
    expect(report.scenarios[0].steps[1]).to.deep.equal({
      number: 2,
      name: '</failure> & co',
      command: 'expect-display',
      line: 5,
      column: 5,
      verdict: 'failed',
      at: '2026-01-01T00:00:00.000Z',
      expected: '"Err"',
      seen: 'nothing (asleep)',
    });
  });
});

describe('scenario.schema.json', () => {
  it('is what the schemas give (write it anew: fob scenario schema)', () => {
    const file = new URL('../../../emulator/scenario/scenario.schema.json', import.meta.url);
    expect(JSON.parse(readFileSync(file, 'utf8'))).to.deep.equal(
      JSON.parse(JSON.stringify(scenarioJsonSchema())),
    );
  });
});
