import type { Code } from '../../../shared/types.ts';
import type { MobileIdService } from '../../mobile-ids/port.ts';
import type { TokenService } from '../../tokens/port.ts';
import type { Handlers } from './handler.ts';
import { renderTwoCodes, tokenView } from './tokens.ts';

export function mobileIdHandlers({
  mobileIds,
  tokens,
}: {
  readonly mobileIds: MobileIdService;
  readonly tokens: Pick<TokenService, 'clock'>;
}): Handlers<'createMobileId' | 'confirmMobileId'> {
  const view = tokenView(tokens);
  return {
    async createMobileId({ params, body, caller }) {
      const command = { account: params.id, credential: body.credential };
      return { ...(await mobileIds.create(command, caller)) };
    },
    async confirmMobileId({ params, body, caller }) {
      const { id: account, serial } = params;
      // The schema has let only six to eight digits through.
      const codes = { code1: body.code1 as Code, code2: body.code2 as Code };
      const answer = await mobileIds.confirm({ account, serial, ...codes }, caller);
      return renderTwoCodes(answer, caller, view);
    },
  };
}
