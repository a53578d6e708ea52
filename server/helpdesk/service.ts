import type { Caller } from '../access/scopes.ts';
import type { CredentialService } from '../credentials/port.ts';
import type { TokenService } from '../tokens/port.ts';
import { approve, askApproval, listApprovals } from './approvals.ts';
import { type CarryingOut, carryOut } from './carry-out.ts';
import { type Checking, checkByCallBack, checkByCode, readCallBackNumbers } from './checks.ts';
import type { HelpdeskService } from './port.ts';
import type { CallerCheckRecord } from './record.ts';
import { type Giving, giveTemporaryCode } from './temporary-code.ts';

export interface HelpdeskServiceOptions extends Checking, CarryingOut, Giving {
  readonly store: CarryingOut['store'];
  readonly tokens: Pick<TokenService, 'verify' | 'get' | 'changeLife'>;
  readonly credentials: Pick<CredentialService, 'entitlement' | 'grantReplacement'>;
}

export function createHelpdeskService(parts: HelpdeskServiceOptions): HelpdeskService {
  const { tokens, credentials } = parts;
  return {
    callBackNumbers: (account, caller) => readCallBackNumbers(account, caller, parts),
    checkByCode: (command, caller) => checkByCode(command, caller, parts),
    checkByCallBack: (command, caller) => checkByCallBack(command, caller, parts),
    giveTemporaryCode: (command, caller) => giveTemporaryCode(command, caller, parts),

    grantReplacement({ account, credential, why, ...grounds }, caller) {
      const intent = { action: 'replacement', credential, why } as const;
      const claim = { ...grounds, account, intent };
      const about = { details: { credential, why } };
      return carryOut(claim, about, caller, parts, ({ check }) =>
        credentials.grantReplacement({ account, credential, reason: why }, proved(caller, check)),
      );
    },

    async unlock({ serial, ...grounds }, caller) {
      const { token } = await tokens.get(serial);
      const intent = { action: 'unlock', serial } as const;
      const claim = { ...grounds, account: token.account, intent };
      return await carryOut(claim, { serial }, caller, parts, () =>
        tokens.changeLife({ serial, verb: 'unlock', reason: grounds.reason }, caller),
      );
    },

    askApproval: (command, caller) => askApproval(command, caller, parts),
    approve: (id, caller) => approve(id, caller, parts),
    approvals: (query) => listApprovals(query, parts),
  };
}

/** The agent still, with what the person who calls has proved, and not with what he has himself. */
function proved({ principal, now }: Caller, { account, strength }: CallerCheckRecord): Caller {
  const { account: _, strength: __, ...agent } = principal;
  return { principal: strength === undefined ? agent : { ...agent, account, strength }, now };
}
