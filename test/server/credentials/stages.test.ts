import { expect } from 'chai';
import { type CredentialRecord, STAGES, type Stage } from '../../../server/credentials/record.ts';
import {
  activated,
  CREDENTIAL_VERBS,
  type CredentialVerb,
  proofingDemanded,
  proofingPassed,
  STAGE_TABLE,
  stageAfter,
  withoutAuthenticator,
} from '../../../server/credentials/stages.ts';
import { FobtwinError } from '../../../shared/errors.ts';
import type {
  AccountId,
  CredentialId,
  Serial,
  SubscriptionId,
  UnixMillis,
} from '../../../shared/types.ts';

const AT = Date.UTC(2026, 5, 1) as UnixMillis;
const at = (stage: Stage): CredentialRecord => ({
  version: 1,
  id: 'SO-10001-1-1.hardwareToken' as CredentialId,
  subscription: 'SO-10001-1-1' as SubscriptionId,
  type: 'hardwareToken',
  account: 'jennifer' as AccountId,
  stage,
  createdAt: AT,
});

/** Written from the seeds, apart from the table: each verb, from where and to where it leads. */
const WANTED: Readonly<Record<CredentialVerb, Readonly<Partial<Record<Stage, Stage>>>>> = {
  passProofing: {
    proofing: 'activation',
    activation: 'activation',
    registration: 'registration',
    active: 'active',
  },
  activate: { activation: 'registration' },
  register: { registration: 'active' },
  demandProofing: {
    proofing: 'proofing',
    activation: 'activation',
    registration: 'registration',
    active: 'active',
  },
  grantReplacement: { active: 'active' },
  recognise: { active: 'active', proofing: 'registration' },
  unregister: { active: 'registration' },
  unregisterUnproofed: { active: 'proofing' },
  revoke: {
    proofing: 'revoked',
    activation: 'revoked',
    registration: 'revoked',
    active: 'revoked',
  },
};

/** What a refusal says: what is to be done instead. */
const refusalAt = (stage: Stage): string => {
  if (stage === 'revoked') return 'revoked';
  return stage === 'proofing' ? 'proofingRequired' : 'notAllowedNow';
};

describe('the stages of a credential', () => {
  for (const verb of CREDENTIAL_VERBS) {
    for (const stage of STAGES) {
      const wanted = WANTED[verb][stage];
      if (wanted !== undefined) {
        it(`${verb} leads from ${stage} to ${wanted}`, () => {
          expect(stageAfter(at(stage), verb)).to.equal(wanted);
        });
        continue;
      }
      it(`${verb} is refused at ${stage}: ${refusalAt(stage)}`, () => {
        const isThat = (error: unknown) =>
          error instanceof FobtwinError && error.code === refusalAt(stage);
        expect(() => stageAfter(at(stage), verb)).to.satisfy((attempt: () => unknown) => {
          try {
            attempt();
            return false;
          } catch (error) {
            return isThat(error);
          }
        });
      });
    }
  }

  it('has no row for what is not here', () => {
    for (const verb of CREDENTIAL_VERBS) {
      const stages = STAGE_TABLE[verb].flatMap(({ from }) => from);
      expect(stages.toSorted()).to.deep.equal(Object.keys(WANTED[verb]).toSorted());
    }
  });

  it('ends with its token, unless a replacement was granted; a Mobile ID goes on', () => {
    const token = { ...at('active'), serial: 'FT01' as Serial };
    expect(withoutAuthenticator(token, AT)).to.include({ stage: 'revoked', revokedAt: AT });
    const granted = { ...token, replacement: { grantedAt: AT, reason: 'err' as const } };
    expect(withoutAuthenticator(granted, AT).stage).to.equal('registration');
    expect(withoutAuthenticator({ ...token, type: 'mobileId' }, AT).stage).to.equal('registration');
  });

  it('asks for a code only where activation is still to come', () => {
    const activation = { mac: 'a', expiresAt: AT, attemptsLeft: 5 };
    const passed = { at: AT, method: 'video', activation } as const;
    expect(proofingPassed(at('proofing'), passed).activation).to.equal(activation);
    expect(proofingPassed(at('active'), passed).activation).to.equal(undefined);
  });

  it('keeps in which sign-in its person was proofed, until that is to be done anew', () => {
    const answered = proofingPassed(at('proofing'), { at: AT, method: 'questions', session: 'a' });
    expect(answered.proofedIn).to.equal('a');
    expect(activated(answered, AT, 'b').proofedIn).to.equal('a');
    const mac = 'ab';
    const activation = { mac, expiresAt: AT, attemptsLeft: 5 };
    const video = proofingPassed(at('proofing'), { at: AT, method: 'video', activation });
    expect(video.proofedIn).to.equal(undefined);
    expect(activated(video, AT, 'b').proofedIn).to.equal('b');
    expect(proofingDemanded(answered).proofedIn).to.equal(undefined);
  });
});
