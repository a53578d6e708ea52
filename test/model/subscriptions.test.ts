import { expect } from 'chai';
import { makeTemporary } from '../server/store/temporary.ts';
import { announce, modelRuns } from '../support/model-runs.ts';
import { isSoak } from '../support/run-settings.ts';
import { compare } from './subscriptions/compare.ts';
import { liveKilled } from './subscriptions/killed.ts';
import { NaiveBusiness, nextYear } from './subscriptions/naive.ts';
import { makePlan } from './subscriptions/plan.ts';
import { compareDirectory, livePlan, openStoreIn } from './subscriptions/run.ts';
import { World } from './subscriptions/world.ts';

const ACCOUNTS = isSoak() ? 1_000 : 60;
const KILLED_ACCOUNTS = isSoak() ? 1_000 : 20;
const KILLS = isSoak() ? 30 : 5;
const PROCESSOR_SECONDS_MAX = 60;

describe('two years of subscriptions', () => {
  const { seed } = modelRuns(1);
  let directory: string;
  let remove: () => Promise<void>;

  before(() => announce('subscriptions', { seed, numRuns: ACCOUNTS }));
  beforeEach(async () => {
    const temporary = await makeTemporary();
    directory = `${temporary.directory}/store`;
    remove = temporary.remove;
  });
  afterEach(() => remove());

  it(`of ${ACCOUNTS} accounts are what the naive model says, each mail once`, async function () {
    this.timeout(isSoak() ? 600_000 : 60_000);
    const run = await livePlan(makePlan(ACCOUNTS, seed), directory);
    expect(run.differences).to.deep.equal([]);
    expect(run.processorSeconds).to.be.lessThan(PROCESSOR_SECONDS_MAX);
    expect(run.figures.subscriptions).to.equal(ACCOUNTS);
    const { active, suspended, revoked, renewals } = run.figures;
    for (const some of [active, suspended, revoked, renewals]) expect(some).to.be.greaterThan(0);
  });

  it(`come to the same with kill -9 ${KILLS} times on the way`, async function () {
    this.timeout(isSoak() ? 1_800_000 : 120_000);
    const plan = makePlan(KILLED_ACCOUNTS, seed);
    const killedOn = await liveKilled(plan, directory, KILLS);
    expect(killedOn).to.have.length(KILLS);
    expect((await compareDirectory(plan, directory)).differences).to.deep.equal([]);
  });

  it('would be found out if a single mail or state were another', async function () {
    this.timeout(60_000);
    const plan = makePlan(20, seed);
    const store = await openStoreIn(directory);
    const world = await World.open(store, plan);
    await world.live();
    const naive = new NaiveBusiness();
    naive.play(plan);
    expect((await compare(world, naive)).differences).to.deep.equal([]);
    const mail = naive.mails.pop();
    const [text] = (await compare(world, naive)).differences;
    expect(text).to.include(`written too often: ${mail?.what}`);
    if (mail !== undefined) naive.mails.push(mail, mail);
    const [twice] = (await compare(world, naive)).differences;
    expect(twice).to.include(`not written: ${mail?.what}`);
    naive.mails.pop();
    const [one] = naive.subscriptions.values();
    if (one !== undefined) one.ends = nextYear(one.ends);
    expect((await compare(world, naive)).differences).to.have.length(1);
    await store.close();
  });
});
