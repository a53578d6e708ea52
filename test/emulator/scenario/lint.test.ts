import { expect } from 'chai';
import { readScenario } from '../../../emulator/scenario/scenario.ts';
import { readSound, refusalsOf, scenarioText } from './reading.ts';

describe('scenario reading and lint', () => {
  it('reads a whole scenario', () => {
    const scenario = readSound(
      scenarioText(
        '  - make: {profile: e6, serial: " e6-1 "}\n' +
          '  - name: held\n    press: {hold: 2s}\n' +
          '  - expect-display: ""\n',
        'author: Jennifer\nrandomSeed: 7\n',
      ),
    );
    expect(scenario).to.deep.include({
      name: 'Under test',
      author: 'Jennifer',
      randomSeed: 7,
      clock: 'simulated',
    });
    expect(scenario.steps[0]?.argument).to.deep.include({ serial: 'E6-1', profile: 'e6' });
    expect(scenario.steps[1]).to.deep.include({ number: 2, name: 'held', line: 7 });
    expect(scenario.steps[1]?.argument).to.deep.include({ hold: 2000 });
  });

  it('has random seed 1 unless told', () => {
    expect(readSound(scenarioText('  - make:\n')).randomSeed).to.equal(1);
  });

  const REFUSED: readonly (readonly [steps: string, expected: string])[] = [
    ['  - advance: 30\n', 'and 30 is not text in YAML'],
    ['  - advance: 30 s\n', '4:14: by takes a whole number and ms, s, m, h or d'],
    ['  - make: {serial: 0755}\n', '4:20: serial takes text'],
    ['  - expect-display: 012345\n', '4:21: text takes text in quotes'],
    ['  - wait: 30s\n', '4:5: There is no command "wait"'],
    ['  - press: {}\n    advance: 1s\n', '5:5: A step has one command; this one has press and'],
    ['  - name: alone\n', '4:5: A step without a command does nothing'],
    ['  - press: {holding: 6s}\n', '4:13: press has no field "holding"'],
    ['  - set-temperature: 5\n', '4:22: set-temperature takes a map'],
    ['  - press\n', '4:5: A step is a map'],
    ['  - at: 2026-02-30T00:00:00Z\n', '4:9: time takes a time in UTC'],
    ['  - make:\n  - make:\n', '5:5: A token token has been made already'],
    ['  - press:\n', '4:5: No token has been made yet'],
    ['  - make:\n  - press: other\n', '5:5: No token other has been made yet'],
    ['  - make: {count: 2}\n  - press:\n', '5:5: Which token?'],
    ['  - make: {count: 2, serial: A-1}\n', '4:5: A serial belongs to one token'],
    ['  - make: {counter: 5}\n', '4:5: A c30 has no counter'],
    ['  - make:\n  - enter-pin: "1234"\n', '5:5: A c30 has no PIN pad'],
    ['  - make:\n  - submit: first\n', '5:5: No code first has been saved yet'],
    ['  - make:\n  - expect-outcome: accepted\n', '5:5: Nothing has been submitted yet'],
    ['  - make:\n  - expect-display: {matches: "("}\n', '5:5: "(" is not a regular expression'],
    ['  - make:\n  - expect-display: {}\n', '5:21: expect-display takes exactly one of'],
    ['  - make:\n  - expect-segments: [abc]\n', '5:5: A c30 has 8 cells'],
    ['  - make:\n  - expect-segments: {}\n', '5:22: expect-segments takes at least one of'],
    ['  - make:\n  - submit: {register: [press(), press()]}\n', 'account is missing'],
    ['  - make:\n  - inject: rust\n', '5:13: fault takes one of err,'],
    [
      '  - make:\n  - inject: {fault: err, attributes: {loud: true}}\n',
      '5:5: err has no attribute "loud"',
    ],
    [
      '  - make:\n  - inject: {fault: clockOffset, attributes: {seconds: soon}}\n',
      '5:5: seconds of clockOffset is a number from',
    ],
    ['  - make:\n  - inject: counterSkip\n', '5:5: A c30 has no counter to skip'],
    ['  - make:\n  - take-screenshot: ../lcd.png\n', '5:22: save-to takes a path below'],
    ['  - make:\n  - take-screenshot: /tmp/lcd.png\n', '5:22: save-to takes a path below'],
    ['  - exec: {program: a, time-limit: 30d}\n', '4:36: time-limit takes a span over 0s, of at'],
    ['  - request: {url: "http://[::1]", time-limit: 0s}\n', 'time-limit takes a span over 0s'],
    ['  - request: {url: "http://[::1]", body: x}\n', '4:42: body is nothing that a GET sends'],
    ['  - make:\n  - submit: "wrongCode({steps: 0})"\n', '5:13: verify takes a code'],
  ];
  for (const [steps, expected] of REFUSED) {
    it(`refuses ${JSON.stringify(steps)}`, () => {
      const found = refusalsOf(scenarioText(steps));
      expect(found).to.have.length(1);
      expect(found[0]).to.include(expected);
    });
  }

  it('names everything that is wrong at once, in the order of the lines', () => {
    const found = refusalsOf('version: 2\nfoo: 1\nsteps:\n  - wait: 1\n  - advance: 3\n');
    expect(found.map((text) => text.split(':')[0])).to.deep.equal(['1', '1', '2', '4', '5']);
  });

  it('says what was meant', () => {
    const read = readScenario(scenarioText('  - expect_display: ""\n  - make: {serial: 0755}\n'), {
      file: 'x',
    });
    const hints = 'refusals' in read ? read.refusals.map(({ nextStep }) => nextStep) : [];
    expect(hints).to.deep.equal(['Is expect-display meant?', 'Put it in quotes: "0755".']);
  });

  it('refuses to move a real clock and suggests the fault', () => {
    const steps = '  - make:\n  - advance: 90s\n';
    expect(refusalsOf(scenarioText(steps))).to.deep.equal([]);
    expect(refusalsOf(scenarioText(steps, 'clock: real\n'))).to.deep.equal([
      '6:5: advance moves no real clock, and this scenario runs against one',
    ]);
    const asked = `${steps}  - exec: {program: oathtool, code: press()}\n`;
    expect(refusalsOf(scenarioText(asked))).to.have.length(1);
    expect(refusalsOf(scenarioText(asked, 'clock: simulated\n'))).to.deep.equal([]);
  });

  it('takes at most a thousand steps', () => {
    expect(
      refusalsOf(scenarioText('  - make:\n'.concat('  - press:\n'.repeat(999)))),
    ).to.have.length(0);
    expect(refusalsOf(scenarioText('  - press:\n'.repeat(1001)))).to.deep.equal([
      '3:1: A scenario has at most 1000 steps',
    ]);
  });
});
