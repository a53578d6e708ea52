import { expect } from 'chai';
import { Token } from '../../../emulator/library/token.ts';
import { PROFILE_NAMES } from '../../../firmware-spec/vocabulary.ts';
import { eventToken, RFC_SEED, timeToken } from './tokens.ts';

describe('Token', () => {
  it('shows the codes of RFC 4226', () => {
    const token = eventToken();
    const shown = Array.from({ length: 10 }, () => token.press().display);
    expect(shown.join(' ')).to.equal(
      '755224 287082 359152 969429 338314 254676 287922 162583 399871 520489',
    );
    expect(token.counter).to.equal(10);
    expect(token.presses).to.equal(10);
  });

  it('shows the codes of RFC 6238', () => {
    const token = timeToken('1970-01-01T00:00:59Z').press();
    expect(token.display).to.equal('287082');
    expect(timeToken('2005-03-18T01:58:29Z').press().display).to.equal('081804');
    expect(timeToken('2033-05-18T03:33:20Z').press().display).to.equal('279037');
  });

  it('goes dark by itself, and time moves only when it is told to', () => {
    const token = timeToken();
    expect(token.display).to.equal('');
    expect(token.code).to.equal(null);
    expect(token.remainingMillis).to.equal(null);
    token.press();
    expect([token.state, token.remainingMillis]).to.deep.equal(['showing', 30_000]);
    expect(token.display).to.equal(token.display);
    expect(token.at).to.equal(Date.parse('2026-01-01T00:00:00Z'));
    token.advance('30s');
    expect([token.state, token.display]).to.deep.equal(['asleep', '']);
    expect(token.at).to.equal(Date.parse('2026-01-01T00:00:30Z'));
  });

  it('tells the segments of each cell', () => {
    const token = Token.make({ profile: 'e6', seed: RFC_SEED, counter: 1 });
    expect(token.segments).to.deep.equal(new Array(8).fill(''));
    token.press();
    expect(token.segments).to.deep.equal([
      '',
      'abdeg',
      'abcdefg',
      'abc',
      'abcdef',
      'abcdefg',
      'abdeg',
      '',
    ]);
  });

  it('is the same token from the same random seed, whatever the machine does', async () => {
    const lives = () => {
      const token = Token.make({ randomSeed: 7 });
      token.inject('clockRate').advance('400d').press();
      return token.save();
    };
    expect(lives()).to.equal(lives());
    expect(Token.make({ randomSeed: 8 }).save()).not.to.equal(Token.make({ randomSeed: 7 }).save());
    expect(Token.make().save()).to.equal(Token.make({ randomSeed: 1 }).save());
    expect(Token.make().serial).to.match(/^C30-\d{8}$/);
  });

  it('comes back from what was saved, in the midst of things', () => {
    const token = Token.make({ crystal: 'worst' }).advance('30d').inject('rotated').press();
    token.advance('3s');
    const again = Token.restore(token.save());
    expect(again.reading).to.deep.equal(token.reading);
    expect(again.faults).to.deep.equal(token.faults);
    for (const each of [token, again]) each.clear('rotated').advance('1d').press();
    expect(again.save()).to.equal(token.save());
  });

  it('does not tell its seed to a log', () => {
    const token = timeToken().press();
    const told = `${JSON.stringify(token)} ${token} ${JSON.stringify(Object.entries(token))}`;
    expect(told).to.contain(token.serial).and.to.contain(token.display);
    expect(told).not.to.contain('GEZDGNBV').and.not.to.contain('12345678901234567890');
  });

  it('every model can be made, pressed and turned into a seed file', () => {
    for (const profile of PROFILE_NAMES) {
      const token = Token.make({ profile }).press().advance('1d').press();
      for (const format of ['pskc', 'csv', 'otpauth'] as const) {
        expect(token.seedFile({ format })).to.contain(token.serial);
      }
    }
  });
});

describe('Token and what is wrong with it', () => {
  it('faults come and go by name', () => {
    const token = timeToken().inject('err');
    expect(token.faults.map(({ name }) => name)).to.deep.equal(['err']);
    expect(token.press().display).to.equal('Err');
    token.clear('err').inject('rotated').inject('faded').reset();
    expect(token.faults).to.deep.equal([]);
    expect(token.advance('2m').press().display).to.equal(token.code);
  });

  it('each is described', () => {
    const { person, server } = Token.describeFault('pocketPresses');
    expect(person).to.be.a('string').and.not.to.equal('');
    expect(server).to.be.a('string').and.not.to.equal('');
  });

  it('drifts as its crystal does, and stands right again when it is programmed', () => {
    const token = Token.make({ crystal: 'worst' }).advance('365d');
    expect(Math.abs(token.offsetMillis)).to.be.within(300_000, 1_500_000);
    expect(token.programme().offsetMillis).to.equal(0);
    expect(timeToken().advance('365d').offsetMillis).to.equal(0);
  });

  it('its cell wears and weakens in the cold', () => {
    const token = timeToken();
    const fresh = token.cell;
    token.advance('730d').setTemperature(-20);
    expect(token.celsius).to.equal(-20);
    expect(token.cell.share).to.be.lessThan(fresh.share);
    expect(token.cell.ohms).to.be.greaterThan(fresh.ohms);
  });

  it('a hold opens the menu and takes its time', () => {
    const token = timeToken().press({ hold: '6s' });
    expect(token.state).to.equal('menu');
    expect(token.at).to.equal(Date.parse('2026-01-01T00:00:06Z'));
  });

  it('a PIN is entered on a pad', () => {
    const token = Token.make({ profile: 'p30', crystal: 'ideal' });
    token.press().enterPin('1234');
    token.advance('1h').press().enterPin('1234');
    expect(token.state).to.equal('showing');
    expect(token.display).to.equal(token.code);
    token.advance('1h').press().enterPin('9999');
    expect(token.code).to.equal(null);
  });
});
