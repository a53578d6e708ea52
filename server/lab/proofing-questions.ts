import { randomSeedOf, seededRng } from '../../shared/rng.ts';
import type { Answers, AskedQuestions, Question } from '../proofing/port.ts';

/**
 * The made-up questions of the sandbox provider. Its rule, for whoever tests: the right choice is
 * always the one whose text comes first in the alphabet. All must be right.
 */

const SUBJECTS: readonly (readonly [text: string, choices: readonly string[]])[] = [
  [
    'In which of these streets have you lived?',
    ['Alder Street', 'Birch Avenue', 'Cedar Lane', 'Dogwood Drive', 'Elm Court'],
  ],
  [
    'With which of these banks was an account opened in your name?',
    ['Atlas Savings', 'Beacon Bank', 'Crown Credit Union', 'Delta Trust', 'Equity First'],
  ],
  [
    'Which of these cars was registered in your name?',
    ['Acorn 12', 'Breeze GT', 'Comet', 'Dune Runner', 'Ember'],
  ],
  [
    'In which of these counties do you own a house?',
    ['Ashford', 'Brook', 'Clearwater', 'Dale', 'Eastmoor'],
  ],
];

/** Nothing is known of people whose name ends so: there are no questions for them. */
const UNKNOWN_SURNAME = /\bnobody$/i;

/** @param inquiry the choices' order follows from it */
export function questionsFor(legalName: string, inquiry: string): AskedQuestions | undefined {
  if (UNKNOWN_SURNAME.test(legalName.trim())) return undefined;
  const rng = seededRng(randomSeedOf(inquiry));
  const questions = SUBJECTS.map(([text, texts], place): Question => {
    const choices = texts
      .map((each) => ({ order: rng.uniform(), text: each }))
      .sort((a, b) => a.order - b.order)
      .map((choice, index) => ({ id: `c${index + 1}`, text: choice.text }));
    return { id: `q${place + 1}`, text, choices };
  });
  return { inquiry, questions };
}

export const isAllRight = (questions: readonly Question[], answers: Answers): boolean =>
  questions.every(({ id, choices }) => answers[id] === rightChoice(choices));

function rightChoice(choices: Question['choices']): string | undefined {
  const [first] = [...choices].sort((a, b) => (a.text < b.text ? -1 : 1));
  return first?.id;
}
