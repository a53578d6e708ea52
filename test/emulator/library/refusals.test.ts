import { expect } from 'chai';
import { Token } from '../../../emulator/library/token.ts';
import { refusalOf, timeToken } from './tokens.ts';

describe('Token and bad input', () => {
  const untyped = (value: unknown) => value as never;
  const CASES: readonly (readonly [field: string, work: () => unknown])[] = [
    ['profile', () => Token.make({ profile: untyped('c31') })],
    ['profile', () => Token.make({ profile: untyped('constructor') })],
    ['crystal', () => Token.make({ crystal: untyped('glass') })],
    ['mode', () => Token.make({ mode: untyped('dead') })],
    ['radnomSeed', () => Token.make(untyped({ radnomSeed: 7 }))],
    ['held', () => timeToken().press(untyped({ held: '6s' }))],
    ['serial', () => Token.make({ serial: 'no/serial' })],
    ['serial', () => Token.make({ serial: untyped(7) })],
    ['seed', () => Token.make({ seed: 'short' })],
    ['seed', () => Token.make({ seed: new Uint8Array(15) })],
    ['seed', () => Token.make({ seed: untyped(null) })],
    ['randomSeed', () => Token.make({ randomSeed: 1.5 })],
    ['randomSeed', () => Token.make({ randomSeed: Number.NaN })],
    ['counter', () => Token.make({ profile: 'e6', counter: -1 })],
    ['at', () => Token.make({ at: -1 })],
    ['at', () => Token.make({ at: Number.NaN })],
    ['at', () => Token.make({ at: new Date('never') })],
    ['at', () => Token.make({ at: '2026-02-30T00:00:00Z' })],
    ['span', () => timeToken().advance('-30s')],
    ['span', () => timeToken().advance(Number.POSITIVE_INFINITY)],
    ['span', () => timeToken().advance(-1)],
    ['span', () => timeToken().advance('30')],
    ['span', () => timeToken().advance(untyped(undefined))],
    ['moment', () => timeToken().moveTo('2025-12-31T23:59:59Z')],
    ['hold', () => timeToken().press({ hold: '2h' })],
    ['hold', () => timeToken().press({ hold: Number.NaN })],
    ['name', () => timeToken().inject(untyped('gremlins'))],
    ['digits', () => timeToken().enterPin('12a4')],
    ['steps', () => timeToken().wrongCode({ steps: 10_001 })],
    ['steps', () => timeToken().wrongCode({ steps: Number.NaN })],
    ['format', () => timeToken().seedFile({ format: untyped('xml') })],
    ['', () => Token.restore('{')],
    ['', () => Token.restore(untyped(undefined))],
    [
      '/state/asOf',
      () =>
        Token.restore(
          timeToken()
            .save()
            .replace(/"asOf":\d+/, '"asOf":"x"'),
        ),
    ],
  ];
  for (const [field, work] of CASES) {
    it(`${work.toString().replace(/^\(\) => /, '')} names ${field || 'the whole'}`, () => {
      const refusal = refusalOf(work);
      expect([refusal.code, refusal.errors[0]?.field]).to.deep.equal(['invalidInput', field]);
    });
  }

  it('what was refused has changed nothing', () => {
    const token = timeToken();
    const before = token.save();
    refusalOf(() => token.inject(untyped('gremlins')));
    refusalOf(() => token.inject('clockRate', { ppm: Number.NaN }));
    refusalOf(() => token.inject('clockRate', { nonsense: 1 }));
    refusalOf(() => token.inject('err', {}, { probability: 2 }));
    refusalOf(() => token.setTemperature(Number.NaN));
    refusalOf(() => token.moveTo('2025-01-01T00:00:00Z'));
    refusalOf(() => token.enterPin(''));
    expect(token.save()).to.equal(before);
  });
});
