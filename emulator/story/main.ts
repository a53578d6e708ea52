#!/usr/bin/env node
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, stripVTControlCharacters } from 'node:util';
import { createClient } from '../../shared/client/client.ts';
import { FobtwinError } from '../../shared/errors.ts';
import { formatTime } from '../../shared/time.ts';
import { parseUnixMillis } from '../../shared/types.ts';
import { createStage, type Server, type Stage } from './stage.ts';
import { playStory, type StoryResult } from './story.ts';
import { terminalSvg } from './svg.ts';
import { createTranscript, type Transcript } from './transcript.ts';

const USAGE = `Usage: npm start -- [--once] [--port N] [--picture FILE]

Plays the main job against real programs, then leaves the server and the token running.

  --once    end after the story
  --port N  the server's port (default: one that is free)
  --picture FILE  write the transcript as an SVG picture too
  --help    this text
`;

/** The exit code when it is stopped before its end. */
const STOPPED = 1;
/** The lab's clock starts so far back, and is at the present when the story ends. */
const STORY_MILLIS = 30 * 60 * 1000;

interface Options {
  readonly once: boolean;
  readonly port: number;
  readonly picture: string | undefined;
}

function parseOptions(argv: readonly string[]): Options | undefined {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      once: { type: 'boolean', default: false },
      port: { type: 'string', default: '0' },
      picture: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const port = Number(values.port);
  if (!/^\d{1,5}$/.test(values.port) || port > 65_535) {
    throw new FobtwinError('usage', '--port takes a number from 0 to 65535');
  }
  return { once: values.once, port, picture: values.picture };
}

async function play(
  stage: Stage,
  transcript: Transcript,
  { port, directory }: PlayOptions,
): Promise<Played> {
  const start = parseUnixMillis(Date.now() - STORY_MILLIS);
  if (start === undefined) throw new FobtwinError('internal', 'The clock is out of range');
  const { administrator } = await stage.fobd<{ administrator: { apiKey: string } }>(
    'init',
    '--lab',
    '--lab-clock',
    formatTime(start),
  );
  const server = await stage.serve(port);
  const { address } = server;
  const clientFor = (apiKey: string) => createClient({ baseUrl: address, fetch, apiKey });
  const owner = clientFor(administrator.apiKey);
  transcript.say(`fobd serves a lab at ${address}; its clock is moved, so nobody waits.`);
  const result = await playStory({
    stage,
    transcript,
    administrator: owner,
    clientFor,
    readFile: async (file) => new Uint8Array(await readFile(file)),
    seedFile: path.join(directory, 'seeds.pskcxml'),
  });
  // From here on the lab keeps the computer's time, as the token does.
  const { now } = await owner.call('getClock', {});
  const behind = Date.now() - Date.parse(now);
  if (behind > 0) await owner.call('moveClock', { body: { advance: `${behind}ms` } });
  return { server, result };
}

interface Played {
  readonly server: Server;
  readonly result: StoryResult;
}

interface PlayOptions {
  readonly port: number;
  readonly directory: string;
}

function sayWhatNext(
  transcript: Transcript,
  stage: Stage,
  { server: { address }, result }: Played,
): void {
  transcript.scene('Your turn');
  transcript.say(`The server listens at ${address} (its interface: ${address}/openapi.json).`);
  transcript.say('In another terminal, in this folder:');
  transcript.command(`npx fob press ${result.serial} --drawer ${shellWord(stage.drawer)}`);
  transcript.command(
    `curl -s ${address}/v1/verify -H 'Authorization: Bearer ${result.apiKey}' ` +
      `-H 'Content-Type: application/json' -d '{"account":"${result.account}","code":"CODE"}'`,
  );
  transcript.command(`npx fobd audit list --data ${shellWord(stage.data)}`);
}

/** As a shell takes it for one word, whatever the temporary folder is called. */
function shellWord(text: string): string {
  return /^[\w./:-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** The scenes of registration, login and replay: the heart of the story, one screen high. */
async function drawPicture(file: string, drawn: readonly string[]): Promise<void> {
  const begins = drawn.flatMap((text, index) => (text.startsWith('\n') ? [index] : []));
  const scenes = drawn.slice(begins[2], begins[5]).join('').trimStart();
  const title = 'A token is registered by serial and two codes, logs in, and is refused on replay';
  await writeFile(file, terminalSvg(scenes, { title }));
}

/** On a terminal, leaving the token leaves the story; elsewhere a signal does. */
async function stayUntilLeft(
  stage: Stage,
  { server, result }: Played,
  { interactive }: { readonly interactive: boolean },
): Promise<void> {
  const token = stage.runToken(result.serial);
  const serverEnded = server.ended.then(() => {
    throw new FobtwinError('unavailable', 'fobd ended by itself', {
      nextStep: 'What it said stands above.',
    });
  });
  await Promise.race(interactive ? [token, serverEnded] : [serverEnded]);
}

/** Aborts when the story is to end, or when nobody reads it any more. */
function stopRequest(): AbortSignal {
  const controller = new AbortController();
  // A second signal ends the process at once, as if nobody listened.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => controller.abort());
  }
  process.stdout.on('error', () => controller.abort());
  return controller.signal;
}

/** Resolves with what `work` comes to, or with undefined as soon as `signal` aborts. */
async function unlessStopped<T>(signal: AbortSignal, work: Promise<T>): Promise<T | undefined> {
  const stopped = new Promise<undefined>((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
  try {
    return await Promise.race([stopped, work]);
  } catch (error) {
    // Ctrl-C on a terminal reaches the programs too, whose end then is no failure.
    if (signal.aborted) return undefined;
    throw error;
  }
}

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2));
  if (options === undefined) {
    process.stdout.write(USAGE);
    return 0;
  }
  const colour = process.stdout.isTTY && (process.env['NO_COLOR'] ?? '') === '';
  const drawn: string[] = [];
  const write = (text: string) => {
    drawn.push(text);
    process.stdout.write(colour ? text : stripVTControlCharacters(text));
  };
  const transcript = createTranscript(write);
  const stop = stopRequest();
  const directory = await mkdtemp(path.join(os.tmpdir(), 'fobtwin-'));
  const interactive = process.stdin.isTTY && process.stdout.isTTY;
  const programs = path.dirname(fileURLToPath(import.meta.url));
  const stage = createStage({ programs, directory, interactive });
  try {
    const played = await unlessStopped(
      stop,
      play(stage, transcript, { port: options.port, directory }),
    );
    if (played === undefined) return STOPPED;
    if (options.picture !== undefined) await drawPicture(options.picture, drawn);
    if (!options.once) {
      sayWhatNext(transcript, stage, played);
      await unlessStopped(stop, stayUntilLeft(stage, played, { interactive }));
    }
    return 0;
  } finally {
    await stage.close();
    await rm(directory, { recursive: true, force: true });
  }
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    const nextStep = error instanceof FobtwinError ? error.nextStep : undefined;
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    if (nextStep !== undefined) process.stderr.write(`${nextStep}\n`);
    process.exitCode = 1;
  },
);
