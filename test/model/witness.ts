import { expect } from 'chai';
import type { Driven } from './driven.ts';

/** How often each operation gave each answer, so that a run that meets too little is found. */
export type Witness = Map<string, number>;

type Operation = Exclude<keyof Driven, 'look'>;

/** What every run of a usual length has met; a model that never comes there compares nothing. */
const MET: Readonly<Record<Operation, readonly string[]>> = {
  verifyBySerial: [
    ...['accepted', 'wrongCode', 'replayed', 'throttled', 'locked', 'suspended', 'lost'],
    ...['disabled', 'revoked', 'notRegistered', 'nextCodeRequired'],
  ],
  verifyByAccount: [
    ...['accepted', 'wrongCode', 'replayed', 'throttled', 'locked', 'suspended', 'lost'],
    ...['disabled', 'notRegistered', 'nextCodeRequired'],
  ],
  register: [
    ...['accepted', 'wrongCode', 'throttled', 'locked'],
    ...['error alreadyRegistered', 'error revoked', 'error notFound', 'error invalidInput'],
  ],
  resync: [
    ...['accepted', 'wrongCode', 'locked', 'suspended', 'lost', 'disabled', 'notRegistered'],
    ...['error revoked', 'error notFound', 'error invalidInput'],
  ],
  changeLife: ['done', 'error notAllowedNow', 'error revoked', 'error notFound'],
};

/** The same server, with every answer counted. */
export function witnessed(driven: Driven, witness: Witness): Driven {
  const count = async (operation: Operation, answering: Promise<string>): Promise<string> => {
    const answer = await answering;
    const [word = '', code = ''] = answer.split(' ');
    const name = `${operation}: ${word === 'error' ? `${word} ${code}` : word}`;
    witness.set(name, (witness.get(name) ?? 0) + 1);
    return answer;
  };
  return {
    verifyBySerial: (...given) => count('verifyBySerial', driven.verifyBySerial(...given)),
    verifyByAccount: (...given) => count('verifyByAccount', driven.verifyByAccount(...given)),
    register: (...given) => count('register', driven.register(...given)),
    resync: (...given) => count('resync', driven.resync(...given)),
    changeLife: (...given) => count('changeLife', driven.changeLife(...given)),
    look: () => driven.look(),
  };
}

/** Each answer of the list was met at least once; meant for runs of at least some hundreds. */
export function expectAllMet(witness: Witness): void {
  const missing = Object.entries(MET).flatMap(([operation, answers]) =>
    answers.map((answer) => `${operation}: ${answer}`).filter((name) => !witness.has(name)),
  );
  expect(missing, 'answers that no run has met').to.deep.equal([]);
}
