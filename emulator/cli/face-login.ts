import fs from 'node:fs';
import path from 'node:path';
import { FobtwinError } from '../../shared/errors.ts';
import type { CliEnv } from './env.ts';

/**
 * Starts the face when its person logs in, by the file that each system looks for: an XDG autostart
 * entry, a LaunchAgent, or a command in the Startup folder.
 */
export interface LoginEntry {
  readonly file: string;
  readonly text: string;
}

type Place = Pick<CliEnv, 'variables' | 'platform' | 'homeDirectory'>;

/** macOS names agents by a domain turned around; this one is reserved (RFC 2606). */
const AGENT = 'invalid.fobtwin.face';

/** @param words the program and its arguments, each as it is */
export function loginEntry(words: readonly string[], env: Place): LoginEntry {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  if (words.some((word) => /[\u0000-\u001f\u007f]/.test(word))) {
    throw new FobtwinError('usage', 'A path with control characters cannot be started at login');
  }
  if (env.platform === 'darwin') return launchAgent(words, env);
  if (env.platform === 'win32') return startupCommand(words, env);
  return autostartEntry(words, env);
}

/** @throws FobtwinError `fileUnwritable` */
export function writeLoginEntry({ file, text }: LoginEntry): void {
  try {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text, { mode: 0o644 });
  } catch (cause) {
    throw unwritable(file, cause);
  }
}

/** @returns whether there was one */
export function removeLoginEntry(file: string): boolean {
  try {
    const was = fs.existsSync(file);
    fs.rmSync(file, { force: true });
    return was;
  } catch (cause) {
    throw unwritable(file, cause);
  }
}

/** The address it prints holds the access token, and a desktop writes what is printed to a log. */
const WITHOUT_OUTPUT = ['/bin/sh', '-c', 'exec "$0" "$@" >/dev/null'] as const;

/** Desktop Application Autostart Specification; quoted as the Desktop Entry Specification says. */
function autostartEntry(words: readonly string[], { variables, homeDirectory }: Place): LoginEntry {
  const xdg = variables['XDG_CONFIG_HOME'] ?? '';
  const config = path.posix.isAbsolute(xdg) ? xdg : path.posix.join(homeDirectory, '.config');
  const quoted = [...WITHOUT_OUTPUT, ...words].map(
    (word) => `"${word.replace(/["`$\\]/g, '\\$&').replaceAll('%', '%%')}"`,
  );
  // A value's own escapes are undone before the quoting: a backslash is written twice.
  const exec = quoted.join(' ').replaceAll('\\', '\\\\');
  return {
    file: path.posix.join(config, 'autostart', 'fobtwin-face.desktop'),
    text: [
      '[Desktop Entry]',
      'Type=Application',
      'Version=1.5',
      'Name=Fobtwin face',
      'Comment=The token in a browser',
      `Exec=${exec}`,
      'Terminal=false',
      'NoDisplay=true',
      'X-GNOME-Autostart-enabled=true',
      '',
    ].join('\n'),
  };
}

/** launchd.plist(5): kept alive after a failure, not after a request to stop. */
function launchAgent(words: readonly string[], { homeDirectory }: Place): LoginEntry {
  const xml = (text: string) =>
    text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return {
    file: path.posix.join(homeDirectory, 'Library', 'LaunchAgents', `${AGENT}.plist`),
    text: [
      '<?xml version="1.0" encoding="UTF-8"?>',
      '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" ' +
        '"http://www.apple.com/DTDs/PropertyList-1.0.dtd">',
      '<plist version="1.0">',
      '<dict>',
      '  <key>Label</key>',
      `  <string>${AGENT}</string>`,
      '  <key>ProgramArguments</key>',
      '  <array>',
      ...words.map((word) => `    <string>${xml(word)}</string>`),
      '  </array>',
      '  <key>RunAtLoad</key>',
      '  <true/>',
      '  <key>KeepAlive</key>',
      '  <dict>',
      '    <key>SuccessfulExit</key>',
      '    <false/>',
      '  </dict>',
      '  <key>ProcessType</key>',
      '  <string>Background</string>',
      '</dict>',
      '</plist>',
      '',
    ].join('\n'),
  };
}

/** A batch file; its window starts minimised. No path of Windows holds a double quote. */
function startupCommand(words: readonly string[], { variables, homeDirectory }: Place): LoginEntry {
  const roaming = variables['APPDATA'] || path.win32.join(homeDirectory, 'AppData', 'Roaming');
  if (words.some((word) => word.includes('"'))) {
    throw new FobtwinError('usage', 'A path with double quotes cannot be started at login');
  }
  const quoted = words.map((word) => `"${word.replaceAll('%', '%%')}"`).join(' ');
  const startup = ['Microsoft', 'Windows', 'Start Menu', 'Programs', 'Startup'];
  return {
    file: path.win32.join(roaming, ...startup, 'fobtwin-face.cmd'),
    text: ['@echo off', 'chcp 65001 >nul', `start "fob face" /min ${quoted}`, ''].join('\r\n'),
  };
}

function unwritable(file: string, cause: unknown): FobtwinError {
  const why = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
  return new FobtwinError('fileUnwritable', `${file} cannot be written${why}`, {
    cause,
    nextStep: 'Look at the permissions of its folder.',
  });
}
