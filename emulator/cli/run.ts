import type { FobCommand } from './command.ts';
import { drawerOf, SERIAL } from './drawer-of.ts';
import { openLiveToken } from './live-token.ts';
import { runFace } from './run-face.ts';
import { runLines } from './run-lines.ts';

export const run: FobCommand = {
  positionals: { serial: SERIAL },
  options: {
    inline: {
      flag: true,
      describe: 'Below what stands on the terminal, instead of on a screen of its own',
    },
  },
  examples: [
    ['run C30-00000001', 'its face, until q or Ctrl-C'],
    ['run E6-00000001 --json < presses', 'a press for each line, a JSON line for each display'],
  ],
  notes:
    'On a terminal, space presses the button, h holds it as long as its menu asks for, digits ' +
    'and enter are the keys of a PIN pad, q or Ctrl-C puts the token back. Otherwise each line ' +
    'of standard input is a press, but for the line `hold`, and a line of digits, which a PIN ' +
    'pad takes with its enter key; each change of the display is printed as a line. A press ' +
    'made elsewhere, by `fob press` say, shows here too.',
  async run(args, env) {
    const token = openLiveToken(args.serial(), drawerOf(args, env), env);
    token.look();
    const onTerminal = env.stdin.isTTY === true && env.stdout.isTTY === true;
    if (onTerminal && !args.flag('json'))
      await runFace(token, env, { inline: args.flag('inline') });
    else await runLines(token, env, { json: args.flag('json') });
    return 0;
  },
};
