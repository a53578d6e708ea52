import { expect } from 'chai';
import {
  createRecentReplies,
  type RecentReplies,
  type RequestKey,
} from '../../../server/radius/recent-replies.ts';

const key = (place: string, authenticator = 'a', proof = 'p'): RequestKey => ({
  place,
  whole: `${place} ${authenticator}`,
  proof,
});
const REPLY = Uint8Array.of(1, 2, 3);

describe('radius: recent replies', () => {
  let now: number;
  let replies: RecentReplies;
  beforeEach(() => {
    now = 0;
    replies = createRecentReplies({
      elapsedMillis: () => now,
      replyMillis: 30_000,
      repliesMax: 3,
      underWayMillisMax: 60_000,
    });
  });

  it('give up what is never decided, and take no notice when it is after all', () => {
    replies.begin(key('1'));
    now = 59_999;
    expect(replies.sweep()).to.deep.equal({ givenUp: 0 });
    now = 60_000;
    expect(replies.sweep()).to.deep.equal({ givenUp: 1 });
    expect(replies.underWay()).to.equal(0);
    expect(replies.settle(key('1'), REPLY)).to.equal(0);
    expect(replies.find(key('1'))).to.equal('new');
  });

  it('count those under way among the kept', () => {
    for (const place of ['1', '2', '3']) replies.begin(key(place));
    expect(replies.find(key('4'))).to.equal('full');
    replies.settle(key('1'), undefined);
    expect(replies.find(key('4'))).to.equal('new');
  });

  it('are forgotten by a sweep though nobody asks', () => {
    for (const place of ['1', '2', '3']) {
      replies.begin(key(place));
      replies.settle(key(place), REPLY);
    }
    expect(replies.find(key('4'))).to.equal('full');
    now = 30_000;
    replies.sweep();
    now = 0;
    expect(replies.find(key('1'))).to.equal('new');
    expect(replies.find(key('4'))).to.equal('new');
  });

  it('tell how many replies are wanted, within a bound', () => {
    replies.begin(key('1'));
    for (let again = 0; again < 100; again += 1) {
      expect(replies.find(key('1'))).to.equal('underWay');
    }
    expect(replies.find(key('1', 'a', 'other'))).to.equal('conflicting');
    expect(replies.settle(key('1'), REPLY)).to.equal(8);
    expect(replies.find(key('1'))).to.equal(REPLY);
    expect(replies.find(key('1', 'a', 'other'))).to.equal('conflicting');
    expect(replies.find(key('1', 'b'))).to.equal('new');
  });
});
