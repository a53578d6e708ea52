import { expect } from 'chai';
import sinon from 'sinon';
import type { Serial } from '../../../shared/types.ts';
import { nodeCrypto } from '../../support/node-crypto.ts';
import { COARSE, EVENT, openRoom, serialOf, TIME } from './room.ts';

describe('serials that are unknown', () => {
  it('are of the type of the token that a code came for last', async () => {
    const room = await openRoom();
    await room.account('jennifer');
    let largest = 0;
    const hmac = sinon.stub(nodeCrypto, 'hmac').callsFake((algorithm, key, bytes) => {
      largest = Math.max(largest, Number(Buffer.from(bytes).readBigUInt64BE()));
      return hmac.wrappedMethod(algorithm, key, bytes);
    });
    const largestFor = async (serial: Serial): Promise<number> => {
      largest = 0;
      await room.verify(serial, room.wrong(), COARSE);
      return largest;
    };
    const event = await room.registered('FT1', 'jennifer', EVENT);
    const time = await room.registered('FT2', 'jennifer', TIME);
    // Counters are small, steps are not.
    for (const [known, least, most] of [
      [event, 0, 1_000],
      [time, 50_000_000, 100_000_000],
    ] as const) {
      expect(await largestFor(known)).to.be.within(least, most);
      expect(await largestFor(serialOf(`NO${known}`))).to.be.within(least, most);
    }
    hmac.restore();
    await room.store.close();
  });
});
