import { formatTime } from '../../../shared/time.ts';
import type { Code } from '../../../shared/types.ts';
import type { ExplainedDecision, ExplainedFit, ExplainService } from '../../tokens/explain.ts';
import type { Handlers } from './handler.ts';

export function explanationHandlers({
  explanations,
}: {
  readonly explanations: ExplainService;
}): Handlers<'explainToken' | 'explainAccount'> {
  return {
    async explainToken({ params: { serial }, body: { code1, code2 }, caller }) {
      // The schema has let only six to eight digits through, and both codes or neither.
      const given = code1 !== undefined && code2 !== undefined;
      const codes = given ? { codes: { code1: code1 as Code, code2: code2 as Code } } : {};
      const found = await explanations.token({ serial, ...codes }, caller);
      return {
        serial,
        state: found.state,
        decisions: found.decisions.map(viewDecision),
        fits: found.fits?.map(viewFit),
        pairsLeft: found.pairsLeft,
      };
    },
    async explainAccount({ params: { id }, caller }) {
      const { decisions, serials } = await explanations.account(id, caller);
      return { account: id, serials, decisions: decisions.map(viewDecision) };
    },
  };
}

function viewDecision({ entry, sentence, nextStep }: ExplainedDecision) {
  const { sequence, at, actor, action, outcome, serial } = entry;
  return { sentence, nextStep, sequence, at: formatTime(at), actor, action, outcome, serial };
}

function viewFit({ fit, sentence, nextStep }: ExplainedFit) {
  const { reading, ...rest } = fit;
  return { sentence, nextStep, ...rest, seedReading: reading };
}
