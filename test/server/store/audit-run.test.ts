import { expect } from 'chai';
import { RUN_ENTRIES, Run } from '../../../server/store/audit-run.ts';
import { auditIndexKey } from '../../../server/store/keys.ts';
import type { UnixMillis } from '../../../shared/types.ts';

const at = (moment: number) => moment as UnixMillis;
const TIME = auditIndexKey('time', 0, 0);
const TIME_BLOCKS = auditIndexKey('timeBlocks', 0, 0);

describe('a run of the audit index, of a log that is damaged', () => {
  it('counts what stands in two segments, beyond as many entries as a run has', () => {
    const run = new Run(0);
    for (let sequence = 1; sequence <= RUN_ENTRIES; sequence += 1) {
      run.add({ at: at(1) }, { sequence, segment: sequence });
    }
    run.add({ at: at(9) }, { sequence: RUN_ENTRIES, segment: RUN_ENTRIES - 6 });
    expect(run.moments).to.deep.equal({ least: 1, greatest: 9 });
    expect(run.rows().get(TIME)).to.equal('1 9');
  });

  it('puts into no block what lies too far in its segment', () => {
    const run = new Run(0);
    run.add({ at: at(1) }, { sequence: RUN_ENTRIES, segment: RUN_ENTRIES - 96 });
    expect(run.rows().get(TIME_BLOCKS)).to.match(/^;+$/);
  });
});
