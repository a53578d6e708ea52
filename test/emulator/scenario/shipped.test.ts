import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import type { Lab } from '../../../emulator/scenario/lab.ts';
import { needsFobd, type ScenarioResult, whatWentWrong } from '../../../emulator/scenario/run.ts';
import type { Scenario, Step } from '../../../emulator/scenario/scenario.ts';
import { shippedScenarios } from '../../../emulator/scenario/shipped.ts';
import { FAULT_NAMES } from '../../../firmware-spec/vocabulary.ts';
import { runHere, testLab } from './labs.ts';
import { readSound } from './reading.ts';

const SHIPPED = (await shippedScenarios()).map(({ name, file }) => ({
  name,
  scenario: readSound(readFileSync(file, 'utf8'), `${name}.yaml`),
}));

/** What shows in these depends on the time step, so that they begin with simulated time. */
const EXACT_START = new Set(['missing-segment-misread']);

/** The scenario with its last expectation turned into one that is not met. */
function falsified(scenario: Scenario): { readonly scenario: Scenario; readonly step: Step } {
  const index = scenario.steps.findLastIndex(({ command }) => command.startsWith('expect-'));
  const step = scenario.steps[index];
  if (step === undefined) throw new Error(`${scenario.name} expects nothing`);
  const wrong = { ...step, argument: wrongArgument(step) } as Step;
  return { scenario: { ...scenario, steps: scenario.steps.with(index, wrong) }, step };
}

function wrongArgument(step: Step) {
  const part = 'part-id' in step.argument ? { 'part-id': step.argument['part-id'] } : {};
  if (step.command === 'expect-display') return { ...part, text: 'HELP' };
  if (step.command === 'expect-segments') return { ...part, marks: 60 };
  if (step.command === 'expect-outcome') return { outcome: 'strengthTooLow' };
  const isMenu = step.command === 'expect-state' && step.argument.state === 'menu';
  return { ...part, state: isMenu ? 'err' : 'menu' };
}

describe('shipped scenarios', function () {
  this.timeout(60_000);
  const labs: Lab[] = [];
  const newLab = async (): Promise<Lab> => {
    const lab = await testLab();
    labs.push(lab);
    return lab;
  };
  let lab: Lab;
  let otherLab: Lab;
  before(async () => {
    [lab, otherLab] = await Promise.all([newLab(), newLab()]);
  });
  after(() => Promise.all(labs.map((one) => one.close())));

  const run = async (scenario: Scenario, name: string, shared: Lab): Promise<ScenarioResult> => {
    const own = EXACT_START.has(name) && needsFobd(scenario);
    return runHere(scenario, { lab: own ? await newLab() : shared });
  };

  for (const { name, scenario } of SHIPPED) {
    it(`${name} passes`, async () => {
      const result = await run(scenario, name, lab);
      const wrong = result.steps.filter(({ verdict }) => verdict !== 'passed').slice(0, 1);
      expect(wrong.map((step) => whatWentWrong(result, step))).to.deep.equal([]);
      expect(result.verdict).to.equal('passed');
    });

    it(`${name} fails at the step whose expectation is falsified`, async () => {
      const { scenario: wrong, step } = falsified(scenario);
      const result = await run(wrong, name, otherLab);
      expect(result.verdict).to.equal('failed');
      const failed = result.steps.filter(({ verdict }) => verdict === 'failed');
      expect(failed.map((one) => one.step.number)).to.deep.equal([step.number]);
      const [first] = failed;
      if (first === undefined) return;
      const message = whatWentWrong(result, first);
      expect(message).to.include(`${name}.yaml:${step.line}:${step.column}: step ${step.number}`);
      expect(message).to.match(/expected .+, saw .+, at \d{4}-\d\d-\d\dT/);
      if (step.name !== undefined) expect(message).to.include(`"${step.name}"`);
    });
  }

  it('are at least twenty, each with a sentence and a random seed of its own', () => {
    expect(SHIPPED.length).to.be.at.least(20);
    expect(new Set(SHIPPED.map(({ scenario }) => scenario.name)).size).to.equal(SHIPPED.length);
    expect(new Set(SHIPPED.map(({ scenario }) => scenario.randomSeed)).size).to.equal(
      SHIPPED.length,
    );
  });

  it('inject every kind of failure that a person meets', () => {
    const injected = new Set(
      SHIPPED.flatMap(({ scenario }) =>
        scenario.steps.flatMap((step) => (step.command === 'inject' ? [step.argument.fault] : [])),
      ),
    );
    // Reached by physics alone, or the same as a fault that is there.
    const elsewhere = ['batteryWeak', 'batteryDead', 'brownOut', 'segmentStuckOn', 'counterSkip'];
    expect(FAULT_NAMES.filter((fault) => !injected.has(fault))).to.have.members(elsewhere);
  });
});
