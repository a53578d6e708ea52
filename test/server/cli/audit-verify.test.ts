import { cp, rm } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import { fobd, serveInProcess } from '../../support/fobd-in-process.ts';
import { temporaryDirectory } from '../../support/fobd-process.ts';
import {
  changeAudit,
  forgeAuditBase,
  removeAudit,
  removeAuditHead,
  spoilAuditHead,
} from '../../support/tampered-store.ts';

/** Accounts added one after the other: entry 1 is the administrator's. */
const ACCOUNTS = ['anna', 'berta', 'carla', 'doris', 'emma'];
const LAST = ACCOUNTS.length + 1;

interface Tampering {
  readonly name: string;
  readonly tamper: (copy: string) => Promise<void>;
  readonly fault: string;
  readonly faultAt: number;
  readonly text: string;
}

const TAMPERINGS: readonly Tampering[] = [
  {
    name: 'a changed byte',
    tamper: (copy) => changeAudit(copy, '"berta"', '"gerta"'),
    fault: 'changed',
    faultAt: 3,
    text: 'an entry was changed at sequence 3',
  },
  {
    name: 'a changed byte in the last entry',
    tamper: (copy) => changeAudit(copy, '"emma"', '"ella"'),
    fault: 'changed',
    faultAt: LAST,
    text: `at sequence ${LAST}`,
  },
  {
    name: 'a removed entry',
    tamper: (copy) => removeAudit(copy, 3, 4),
    fault: 'removed',
    faultAt: 4,
    text: 'an entry was removed at sequence 4',
  },
  {
    name: 'a cut tail',
    tamper: (copy) => removeAudit(copy, 4),
    fault: 'tailCut',
    faultAt: 5,
    text: 'cut off at sequence 5',
  },
  {
    name: 'a cut front',
    tamper: (copy) => removeAudit(copy, 0, 2),
    fault: 'frontCut',
    faultAt: 1,
    text: 'the oldest entries were cut off without retention at sequence 1',
  },
  {
    name: 'a cut front with a base made to fit',
    async tamper(copy) {
      await removeAudit(copy, 0, 2);
      await forgeAuditBase(copy, 2);
    },
    fault: 'baseForged',
    faultAt: 1,
    text: 'where the log begins after retention is not genuine',
  },
  {
    name: 'a cut front with the head for a base',
    async tamper(copy) {
      await removeAudit(copy, 0, LAST);
      await forgeAuditBase(copy, LAST);
    },
    fault: 'baseForged',
    faultAt: 1,
    text: 'is not genuine',
  },
  {
    name: 'a log that is gone',
    tamper: (copy) => removeAudit(copy, 0),
    fault: 'tailCut',
    faultAt: 1,
    text: 'at sequence 1',
  },
  {
    name: 'a forged head',
    tamper: spoilAuditHead,
    fault: 'headForged',
    faultAt: 1,
    text: 'the sealed head is missing or not genuine',
  },
  {
    name: 'a missing head',
    tamper: removeAuditHead,
    fault: 'headForged',
    faultAt: 1,
    text: 'the sealed head is missing or not genuine',
  },
];

for (const kind of [[], ['--lab']]) {
  describe(`fobd audit verify --data COPY ${kind.join('')}`, () => {
    let place: string;
    let remove: () => Promise<void>;
    let data: string;
    let copy: string;

    before(async () => {
      ({ place, remove } = await temporaryDirectory());
      data = path.join(place, 'data');
      await fobd(['init', '--data', data, ...kind]);
      for (const id of ACCOUNTS) await fobd(['account', 'add', id, '--data', data]);
    });
    after(() => remove());

    beforeEach(async () => {
      copy = path.join(place, 'copy');
      await cp(data, copy, { recursive: true });
    });
    afterEach(() => rm(copy, { recursive: true }));

    it('finds a whole copy sound', async () => {
      const { code, stdout } = await fobd(['audit', 'verify', '--data', copy, '--json']);
      expect(code).to.equal(0);
      expect(JSON.parse(stdout)).to.deep.include({ sound: true, entries: LAST });
    });

    it('reads the copy and not the original that is being served', async () => {
      await spoilAuditHead(copy);
      const served = await serveInProcess(data, ['--log-level', 'silent']);
      expect((await fobd(['audit', 'verify', '--data', copy])).code).to.equal(1);
      expect((await fobd(['audit', 'verify', '--data', data])).code).to.equal(0);
      await served.stop();
    });

    for (const { name, tamper, fault, faultAt, text } of TAMPERINGS) {
      it(`finds ${name}`, async () => {
        await tamper(copy);
        const json = await fobd(['audit', 'verify', '--data', copy, '--json']);
        expect(json.code).to.equal(1);
        expect(JSON.parse(json.stdout)).to.deep.include({ sound: false, fault, faultAt });

        const told = await fobd(['audit', 'verify', '--data', copy]);
        expect(told.code).to.equal(1);
        expect(told.stdout).to.equal('');
        expect(told.stderr).to.contain('NOT sound').and.to.contain(text);
      });
    }

    it('lets nothing be added to a log whose end is not what its head says', async () => {
      await removeAudit(copy, 4);
      const { code, stderr } = await fobd(['account', 'add', 'frieda', '--data', copy]);
      expect(code).to.equal(1);
      expect(stderr).not.to.equal('');
      const { stdout } = await fobd(['account', 'list', '--data', copy]);
      expect(stdout).to.contain('emma').and.not.to.contain('frieda');
    });
  });
}
