/**
 * Whether a command line may ask for the help. Whoever parses it lays the help out for every line,
 * asked or not, and most of that work is to fold it; a line that says neither `help` nor an option
 * with an h cannot ask.
 *
 * @param argv the command line without interpreter and script
 */
export const mayAskForHelp = (argv: readonly string[]): boolean =>
  argv.some((word) => word === 'help' || (word.startsWith('-') && word.includes('h')));
