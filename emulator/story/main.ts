#!/usr/bin/env node
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs, stripVTControlCharacters } from 'node:util';
import { createClient } from '../../shared/client/client.ts';
import { FobtwinError } from '../../shared/errors.ts';
import { formatTime } from '../../shared/time.ts';
import { parseUnixMillis } from '../../shared/types.ts';
import { createStage, type Stage } from './stage.ts';
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

async function play(stage: Stage, transcript: Transcript, { port, directory }: PlayOptions) {
  const start = parseUnixMillis(Date.now() - STORY_MILLIS);
  if (start === undefined) throw new FobtwinError('internal', 'The clock is out of range');
  const { administrator } = await stage.fobd<{ administrator: { apiKey: string } }>(
    'init',
    '--lab',
    '--lab-clock',
    formatTime(start),
  );
  const address = await stage.serve(port);
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
  return { address, result };
}

interface PlayOptions {
  readonly port: number;
  readonly directory: string;
}

function sayWhatNext(
  transcript: Transcript,
  stage: Stage,
  { address, result }: { address: string; result: StoryResult },
): void {
  transcript.scene('Your turn');
  transcript.say(`The server listens at ${address} (its interface: ${address}/openapi.json).`);
  transcript.say('In another terminal, in this folder:');
  transcript.command(`npx fob press ${result.serial} --drawer ${stage.drawer}`);
  transcript.command(
    `curl -s ${address}/v1/verify -H 'Authorization: Bearer ${result.apiKey}' ` +
      `-H 'Content-Type: application/json' -d '{"account":"${result.account}","code":"CODE"}'`,
  );
  transcript.command(`npx fobd audit list --data ${stage.data}`);
}

/** The scenes of registration, login and replay: the heart of the story, one screen high. */
async function drawPicture(file: string, drawn: readonly string[]): Promise<void> {
  const begins = drawn.flatMap((text, index) => (text.startsWith('\n') ? [index] : []));
  const scenes = drawn.slice(begins[2], begins[5]).join('').trimStart();
  const title = 'A token is registered by serial and two codes, logs in, and is refused on replay';
  await writeFile(file, terminalSvg(scenes, { title }));
}

async function stayUntilStopped(stage: Stage, serial: string, interactive: boolean) {
  const stopped = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => stopped.abort());
  }
  const token = stage.runToken(serial);
  // On a terminal, leaving the token leaves the story; elsewhere a signal does.
  const signalled = delay(2 ** 31 - 1, undefined, { signal: stopped.signal }).catch(() => {});
  await (interactive ? Promise.race([token, signalled]) : signalled);
}

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2));
  if (options === undefined) {
    process.stdout.write(USAGE);
    return 0;
  }
  const colour = process.stdout.isTTY && process.env['NO_COLOR'] === undefined;
  const drawn: string[] = [];
  const write = (text: string) => {
    drawn.push(text);
    process.stdout.write(colour ? text : stripVTControlCharacters(text));
  };
  const transcript = createTranscript(write);
  const directory = await mkdtemp(path.join(os.tmpdir(), 'fobtwin-'));
  const interactive = process.stdin.isTTY && process.stdout.isTTY;
  const programs = path.dirname(fileURLToPath(import.meta.url));
  const stage = createStage({ programs, directory, interactive });
  try {
    const played = await play(stage, transcript, { port: options.port, directory });
    if (options.picture !== undefined) await drawPicture(options.picture, drawn);
    if (!options.once) {
      sayWhatNext(transcript, stage, played);
      await stayUntilStopped(stage, played.result.serial, interactive);
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
