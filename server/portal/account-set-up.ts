import { parseCountry } from '../../shared/countries.ts';
import { type CredentialId, parseSerial } from '../../shared/types.ts';
import { OUTCOME_TEXTS } from '../../shared/wire/texts.ts';
import type { CredentialDetail } from '../credentials/port.ts';
import type { NewMobileId } from '../mobile-ids/port.ts';
import type { Question } from '../proofing/port.ts';
import { OTP_PATH, ofCredential, SET_UP_PATH } from './account-links.ts';
import { codeIn, type Fields } from './forms.ts';
import { credentialIn, personAt, signInFirst } from './own.ts';
import { type Refusal, refusalOf, replyWith, tryTo } from './refusal.ts';
import { setUpPage } from './set-up-pages.ts';
import { formTokenOf, type PageRoute, type Reply, type Seat, type Visit } from './visit.ts';

/** From the licence key to the first code: proofing, activation, registration, page by page. */
export const SET_UP: PageRoute = { get: (visit) => enter(visit, show), post: take };

/** One credential's visit. */
interface SetUp {
  readonly visit: Visit;
  readonly seat: Seat;
  readonly detail: CredentialDetail;
}

interface Showing {
  readonly refusal?: Refusal | undefined;
  readonly typed?: Fields;
  /** Of the provider, once. */
  readonly questions?: readonly Question[];
  /** Just made, and shown this once. */
  readonly mobileId?: NewMobileId;
}

async function enter(visit: Visit, work: (setUp: SetUp) => Promise<Reply>): Promise<Reply> {
  const { seat, parts } = visit;
  if (seat === undefined) return signInFirst(OTP_PATH);
  // Who asked for a replacement by the password, and has signed in by phone since, is known.
  const caller = personAt(visit, seat);
  const detail = await parts.credentials.recognise(seat.account.id, credentialIn(visit), caller);
  return work({ visit, seat, detail });
}

async function show(
  { visit, seat, detail }: SetUp,
  { refusal, ...showing }: Showing = {},
): Promise<Reply> {
  const { credential } = detail;
  const { proofing: service } = visit.parts;
  const of = { account: seat.account.id, subscription: credential.subscription };
  const proofing = credential.proofing === undefined ? undefined : await service.get(of);
  const page = setUpPage({
    ...showing,
    ...{ person: seat, formToken: formTokenOf(visit), now: visit.now, detail },
    note: refusal,
    isTooWeak: refusal?.code === 'strengthTooLow',
    proofing: proofing && { record: proofing, offered: service.offered(proofing) },
    warning: visit.query.get('warning') === 'beforeDelivery' ? 'beforeDelivery' : undefined,
  });
  return replyWith(page, refusal);
}

type Step = (setUp: SetUp, fields: Fields) => Promise<Reply>;

const STEPS: ReadonlyMap<string, Step> = new Map([
  ['profile', confirmProfile],
  ['questions', askQuestions],
  ['answers', answerQuestions],
  ['video', requestVideo],
  ['activate', activate],
  ['register', registerToken],
  ['mobile', makeMobileId],
  ['confirm', confirmMobileId],
]);

function take(visit: Visit, fields: Fields): Promise<Reply> {
  return enter(visit, async (setUp) => {
    const step = STEPS.get(fields.get('step') ?? '');
    if (step === undefined) return show(setUp, { refusal: refusalOf('Choose what to do next.') });
    return step(setUp, fields);
  });
}

const next = ({ detail }: SetUp): Reply => ({
  redirect: ofCredential(SET_UP_PATH, detail.credential.id),
});

const ofSubscription = ({ seat, detail }: SetUp) => ({
  account: seat.account.id,
  subscription: detail.credential.subscription,
});

/** Does it, and shows what comes next; or the same page with what was refused. */
async function go(
  setUp: SetUp,
  work: () => Promise<unknown>,
  showing: Showing = {},
): Promise<Reply> {
  const tried = await tryTo(work);
  return 'done' in tried ? next(setUp) : show(setUp, { ...showing, refusal: tried.refusal });
}

async function confirmProfile(setUp: SetUp, fields: Fields): Promise<Reply> {
  const legalName = (fields.get('legalName') ?? '').trim();
  const country = parseCountry(fields.get('country') ?? '');
  if (legalName === '' || country === undefined) {
    const refusal = refusalOf('Enter your legal name, and choose your country.');
    return show(setUp, { refusal, typed: fields });
  }
  const { visit, seat } = setUp;
  const command = { ...ofSubscription(setUp), legalName, country };
  const caller = personAt(visit, seat);
  return go(setUp, () => visit.parts.proofing.confirmProfile(command, caller), { typed: fields });
}

async function askQuestions(setUp: SetUp): Promise<Reply> {
  const { visit, seat } = setUp;
  const begun = await tryTo(() =>
    visit.parts.proofing.beginQuestions(ofSubscription(setUp), personAt(visit, seat)),
  );
  if ('refusal' in begun) return show(setUp, { refusal: begun.refusal });
  return show(setUp, { questions: begun.done.questions });
}

const ANSWER = /^answer\.(.+)$/s;

function answerQuestions(setUp: SetUp, fields: Fields): Promise<Reply> {
  const answers = Object.fromEntries(
    [...fields].flatMap(([name, choice]) => {
      const [, question] = ANSWER.exec(name) ?? [];
      return question === undefined ? [] : [[question, choice]];
    }),
  );
  const { visit, seat } = setUp;
  const command = { ...ofSubscription(setUp), answers };
  return go(setUp, () => visit.parts.proofing.answerQuestions(command, personAt(visit, seat)));
}

function requestVideo(setUp: SetUp): Promise<Reply> {
  const { visit, seat } = setUp;
  const caller = personAt(visit, seat);
  return go(setUp, () => visit.parts.proofing.requestVideo(ofSubscription(setUp), caller));
}

function activate(setUp: SetUp, fields: Fields): Promise<Reply> {
  const { visit, seat, detail } = setUp;
  const typed = (fields.get('activationCode') ?? '').trim();
  const code = typed === '' ? undefined : typed;
  const { id } = detail.credential;
  const caller = personAt(visit, seat);
  return go(setUp, () => visit.parts.credentials.activate(seat.account.id, id, code, caller));
}

const NO_SERIAL = 'Enter the serial number from the back of the token.';
const NO_CODES = 'Enter two codes of six to eight digits each, as they are shown.';
const WRONG_TOKEN =
  'Serial number and codes do not fit together: one is wrong, or the codes did not follow each ' +
  'other. Wait 30 seconds, and try again with two new ones.';

/** The pair that the form gives. */
const pairIn = (fields: Fields) => ({
  code1: codeIn(fields.get('code1')),
  code2: codeIn(fields.get('code2')),
});

async function registerToken(setUp: SetUp, fields: Fields): Promise<Reply> {
  const { visit, seat, detail } = setUp;
  const refuse = (refusal: Refusal) => show(setUp, { refusal, typed: fields });
  const serial = parseSerial(fields.get('serial') ?? '');
  const { code1, code2 } = pairIn(fields);
  if (serial === undefined) return refuse(refusalOf(NO_SERIAL));
  if (code1 === undefined || code2 === undefined) return refuse(refusalOf(NO_CODES));
  const account = seat.account.id;
  const command = { account, credential: detail.credential.id, serial, code1, code2 };
  const { credentials, limits } = visit.parts;
  const tried = await tryTo(async () => {
    const settle = limits?.attempt({ serial, account, code: `${code1} ${code2}` });
    const answer = await credentials.registerToken(command, personAt(visit, seat));
    settle?.(answer.outcome === 'accepted');
    return answer;
  });
  if ('refusal' in tried) return refuse(tried.refusal);
  const { outcome, warnings } = tried.done;
  if (outcome !== 'accepted') {
    return refuse(refusalOf(outcome === 'wrongCode' ? WRONG_TOKEN : OUTCOME_TEXTS[outcome]));
  }
  return registered(detail.credential.id, warnings);
}

/** Its page goes on to the phone that is recommended with a token (seed 002). */
function registered(id: CredentialId, [warning]: readonly string[]): Reply {
  const address = ofCredential(SET_UP_PATH, id);
  return { redirect: warning === undefined ? address : `${address}&warning=${warning}` };
}

async function makeMobileId(setUp: SetUp): Promise<Reply> {
  const { visit, seat, detail } = setUp;
  const command = { account: seat.account.id, credential: detail.credential.id };
  const made = await tryTo(() => visit.parts.mobileIds.create(command, personAt(visit, seat)));
  if ('refusal' in made) return show(setUp, { refusal: made.refusal });
  return show(setUp, { mobileId: made.done });
}

const WRONG_APP =
  'The two codes do not fit. Wait until the app shows a new one, and enter that one and the next.';

async function confirmMobileId(setUp: SetUp, fields: Fields): Promise<Reply> {
  const { visit, seat } = setUp;
  const refuse = (refusal: Refusal) => show(setUp, { refusal, typed: fields });
  const serial = parseSerial(fields.get('serial') ?? '');
  const { code1, code2 } = pairIn(fields);
  if (serial === undefined) return next(setUp);
  if (code1 === undefined || code2 === undefined) return refuse(refusalOf(NO_CODES));
  const account = seat.account.id;
  const { mobileIds, limits } = visit.parts;
  const tried = await tryTo(async () => {
    const settle = limits?.attempt({ serial, account, code: `${code1} ${code2}` });
    const command = { account, serial, code1, code2 };
    const { outcome } = await mobileIds.confirm(command, personAt(visit, seat));
    settle?.(outcome === 'accepted');
    return outcome;
  });
  if ('refusal' in tried) return refuse(tried.refusal);
  if (tried.done === 'accepted') return next(setUp);
  return refuse(refusalOf(tried.done === 'wrongCode' ? WRONG_APP : OUTCOME_TEXTS[tried.done]));
}
