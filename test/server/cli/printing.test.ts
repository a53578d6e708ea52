import { expect } from 'chai';
import { describeError } from '../../../server/cli/error-text.ts';
import { openSession } from '../../../server/cli/session.ts';
import type { CliEnv } from '../../../server/cli/surroundings.ts';
import type { FobdConfig } from '../../../server/config.ts';
import { FobtwinError } from '../../../shared/errors.ts';

/** As much of each as printing uses. */
function printedBy(json: boolean) {
  const written = { output: '', errors: '' };
  const sink = (name: 'output' | 'errors') => ({
    write(text: string) {
      written[name] += text;
      return true;
    },
  });
  const env = { output: sink('output'), errors: sink('errors') };
  const config = {};
  const session = openSession(env as unknown as CliEnv, config as FobdConfig, { json });
  return { session, written };
}

describe('what a command prints', () => {
  const value = { name: 'Jane \u202Eeod' };
  const text = `Account jane (${value.name}) is disabled.`;

  it('shows signs that would turn the text beside them as such', () => {
    const { session, written } = printedBy(false);
    session.print(value, text);
    session.refuse(value, text);
    const shown = 'Account jane (Jane \uFFFDeod) is disabled.\n';
    expect(written).to.deep.equal({ output: shown, errors: shown });
  });

  it('shows them so in a refusal', () => {
    const refusal = new FobtwinError('exists', `There is ${value.name} already.`);
    expect(describeError(refusal)).to.equal('fobd: There is Jane \uFFFDeod already. [exists]\n');
  });

  it('leaves JSON as it is', () => {
    const { session, written } = printedBy(true);
    session.print(value, text);
    expect(written.output).to.equal(`${JSON.stringify(value)}\n`);
  });
});
