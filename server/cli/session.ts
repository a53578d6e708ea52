import { withDirectionSignsShown } from '../../shared/text-direction.ts';
import type { FobdConfig } from '../config.ts';
import type { Session } from './command.ts';
import type { CliEnv, ExitCode } from './surroundings.ts';

export function openSession(
  env: CliEnv,
  config: FobdConfig,
  { json }: { readonly json: boolean },
): Session {
  const print = (value: object, text: string): ExitCode => {
    env.output.write(json ? `${JSON.stringify(value)}\n` : forPeople(text));
    return 0;
  };
  return {
    env,
    config,
    json,
    print,
    refuse(value, text) {
      if (json) print(value, text);
      env.errors.write(forPeople(text));
      return 1;
    },
    async withClient(use) {
      const { withClient } = await import('./transport.ts');
      return withClient(config, env, use);
    },
  };
}

/** What others wrote (a name, a label) turns no text beside it: a sign for that shows as such. */
function forPeople(text: string): string {
  const shown = withDirectionSignsShown(text);
  return shown.endsWith('\n') ? shown : `${shown}\n`;
}
