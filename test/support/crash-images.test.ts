import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { type CrashPoint, crashImage, readDiskHistory } from './crash-images.ts';
import {
  parseStrace,
  straceArguments,
  straceOrSkip,
  TRACED_ENVIRONMENT,
  type TracedCall,
} from './strace.ts';

/** A trace in which each call takes the lines given, else one line of its own. */
class Trace {
  readonly calls: TracedCall[] = [];
  readonly before = new Map<string, Buffer>();

  call(name: string, args: string, result: number, lines?: readonly [number, number]): this {
    const line = (this.calls.at(-1)?.began ?? 0) + 1;
    const [began, ended] = lines ?? [line, line];
    this.calls.push({ name, args, result, began, ended });
    return this;
  }

  open(file: string, descriptor: number, flags = 'O_WRONLY|O_CREAT|O_TRUNC'): this {
    return this.call('openat', `AT_FDCWD, ${quoted(`/data/${file}`)}, ${flags}, 0666`, descriptor);
  }

  write(descriptor: number, text: string, lines?: readonly [number, number]): this {
    const args = `${descriptor}, ${quoted(text)}, ${text.length}`;
    return this.call('write', args, text.length, lines);
  }

  placed(descriptor: number, text: string, at: number, lines?: readonly [number, number]): this {
    const args = `${descriptor}, ${quoted(text)}, ${text.length}, ${at}`;
    return this.call('pwrite64', args, text.length, lines);
  }

  image(point: CrashPoint): Record<string, string> {
    const { calls, before } = this;
    const history = readDiskHistory({ calls, before, directory: '/data' });
    const image = crashImage(history, point);
    return Object.fromEntries([...image].map(([name, content]) => [name, content.toString()]));
  }
}

const quoted = (text: string): string =>
  `"${[...Buffer.from(text)].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')}"`;
const END = 1000;
const whole = (): number => 1;

describe('crash images', () => {
  it('hold what a flush covers, and of the rest nothing or a beginning', () => {
    const trace = new Trace().open('log', 20).write(20, 'abcd').call('fdatasync', '20', 0);
    trace.write(20, 'efgh');
    expect(trace.image({ line: END })).to.deep.equal({ log: 'abcd' });
    expect(trace.image({ line: END, torn: () => 0.5 })).to.deep.equal({ log: 'abcdef' });
    expect(trace.image({ line: END, torn: whole })).to.deep.equal({ log: 'abcdefgh' });
  });

  it('count a flush from the line after its end, a torn write from that after its start', () => {
    const trace = new Trace().open('log', 20).write(20, 'abcd', [5, 7]);
    trace.call('fsync', '20', 0, [10, 12]);
    expect(trace.image({ line: 1 })).to.deep.equal({});
    expect(trace.image({ line: 5, torn: whole })).to.deep.equal({ log: '' });
    expect(trace.image({ line: 6, torn: whole })).to.deep.equal({ log: 'abcd' });
    expect(trace.image({ line: 12 })).to.deep.equal({ log: '' });
    expect(trace.image({ line: 13 })).to.deep.equal({ log: 'abcd' });
  });

  it('do not count what was written while the flush was under way', () => {
    const trace = new Trace().open('log', 20).write(20, 'abcd', [2, 3]);
    trace.call('fdatasync', '20', 0, [4, 9]).write(20, 'efgh', [5, 6]);
    expect(trace.image({ line: END })).to.deep.equal({ log: 'abcd' });
  });

  it('do not count a flush that failed, of another file, or that a kill cut short', () => {
    const trace = new Trace().open('log', 20).open('other', 21).write(20, 'abcd');
    trace.call('fdatasync', '20', -1).call('fdatasync', '21', 0);
    trace.call('fdatasync', '20', -1, [50, Number.POSITIVE_INFINITY]);
    expect(trace.image({ line: END })).to.deep.equal({ log: '', other: '' });
  });

  it('may hold some of a write in which the process was killed', () => {
    const trace = new Trace().open('log', 20);
    const args = `20, ${quoted('abcd')}, 4`;
    trace.call('write', args, -1, [5, Number.POSITIVE_INFINITY]);
    expect(trace.image({ line: END })).to.deep.equal({ log: '' });
    expect(trace.image({ line: END, torn: whole })).to.deep.equal({ log: 'abcd' });
  });

  it('keep what was there before, append to it, and begin anew where it is cut off', () => {
    const trace = new Trace();
    trace.before.set('kept', Buffer.from('old')).set('cut', Buffer.from('old'));
    trace.open('kept', 20, 'O_WRONLY|O_APPEND').write(20, 'new').open('cut', 21);
    expect(trace.image({ line: 2 })).to.deep.equal({ kept: 'old', cut: 'old' });
    expect(trace.image({ line: END })).to.deep.equal({ kept: 'old', cut: '' });
    expect(trace.image({ line: END, torn: whole })).to.deep.equal({ kept: 'oldnew', cut: '' });
  });

  it('follow names as they are renamed and removed', () => {
    const trace = new Trace().open('a.tmp', 20).write(20, 'abcd').call('fsync', '20', 0);
    trace.call('rename', `${quoted('/data/a.tmp')}, ${quoted('/data/a')}`, 0);
    trace.write(20, 'efgh').call('unlink', quoted('/data/a'), 0);
    expect(trace.image({ line: 4 })).to.deep.equal({ 'a.tmp': 'abcd' });
    expect(trace.image({ line: 5, torn: whole })).to.deep.equal({ a: 'abcd' });
    expect(trace.image({ line: 6, torn: whole })).to.deep.equal({ a: 'abcdefgh' });
    expect(trace.image({ line: END })).to.deep.equal({});
  });

  it('know a descriptor that is another file before its closing has ended', () => {
    const trace = new Trace().open('a', 20).call('close', '20', 0, [2, 6]);
    trace.calls.push({
      ...{ name: 'openat', args: `AT_FDCWD, ${quoted('/data/b')}, O_WRONLY|O_CREAT`, result: 20 },
      ...{ began: 3, ended: 4 },
    });
    trace.write(20, 'abcd', [7, 7]).call('fsync', '20', 0);
    expect(trace.image({ line: END })).to.deep.equal({ a: '', b: 'abcd' });
  });

  it('hold what was written in place, and of a write under way any of its sectors', () => {
    const sectors = (...letters: string[]) => letters.map((each) => each.repeat(512)).join('');
    const trace = new Trace();
    trace.before.set('log', Buffer.from(sectors('a', 'b')));
    trace.open('log', 20, 'O_RDWR|O_DSYNC').placed(20, sectors('c', 'd', 'e'), 512, [3, 9]);
    expect(trace.image({ line: 3, torn: whole })).to.deep.equal({ log: sectors('a', 'b') });
    expect(trace.image({ line: 9 })).to.deep.equal({ log: sectors('a', 'b') });
    expect(trace.image({ line: 10 })).to.deep.equal({ log: sectors('a', 'c', 'd', 'e') });
    expect(trace.image({ line: 4, torn: whole })).to.deep.equal({
      log: sectors('a', 'c', 'd', 'e'),
    });
    const chances = [1, 0, 0];
    const first = trace.image({ line: 4, torn: () => chances.shift() ?? 0 });
    expect(first).to.deep.equal({ log: sectors('a', 'c') });
    const others = [0, 0, 1];
    const last = trace.image({ line: 4, torn: () => others.shift() ?? 0 });
    expect(last).to.deep.equal({ log: sectors('a', 'b', '\u0000', 'e') });
  });

  it('know a moment within a write in place that stands on one line', () => {
    const trace = new Trace().open('log', 20, 'O_RDWR|O_CREAT|O_DSYNC');
    trace.placed(20, 'ab', 0, [3, 3]);
    expect(trace.image({ line: 3, torn: whole })).to.deep.equal({ log: '' });
    expect(trace.image({ line: 3.5 })).to.deep.equal({ log: '' });
    expect(trace.image({ line: 3.5, torn: whole })).to.deep.equal({ log: 'ab' });
    expect(trace.image({ line: 4 })).to.deep.equal({ log: 'ab' });
  });

  it('know a file that was emptied and written again from its beginning', () => {
    const trace = new Trace().open('log', 20, 'O_RDWR|O_CREAT|O_DSYNC').placed(20, 'abcd', 0);
    trace.call('ftruncate', '20, 0', 0).placed(20, 'ef', 0);
    expect(trace.image({ line: 3 })).to.deep.equal({ log: 'abcd' });
    expect(trace.image({ line: 4 })).to.deep.equal({ log: '' });
    expect(trace.image({ line: END })).to.deep.equal({ log: 'ef' });
  });

  it('leave out what lies elsewhere', () => {
    const trace = new Trace().call('openat', `AT_FDCWD, ${quoted('/etc/x')}, O_CREAT`, 20);
    trace.write(20, 'abcd').call('ftruncate', '20, 0', 0);
    trace.call('rename', `${quoted('/etc/x')}, ${quoted('/etc/y')}`, 0);
    expect(trace.image({ line: END, torn: whole })).to.deep.equal({});
  });

  for (const [what, add] of [
    ['writing over', (t: Trace) => t.open('a', 21, 'O_WRONLY').write(21, 'x')],
    ['pwrite64', (t: Trace) => t.call('pwrite64', `20, ${quoted('x')}, 1, 0`, 1)],
    ['ftruncate', (t: Trace) => t.call('ftruncate', '20, 1', 0)],
    ['lseek', (t: Trace) => t.call('lseek', '20, 0, SEEK_SET', 0)],
    ['a second number', (t: Trace) => t.call('fcntl', '20, F_DUPFD_CLOEXEC, 0', 22)],
    ['a second name', (t: Trace) => t.call('link', `${quoted('/x')}, ${quoted('/data/b')}`, 0)],
    ['mmap', (t: Trace) => t.call('mmap', 'NULL, 9, PROT_READ|PROT_WRITE, MAP_SHARED, 20, 0', 1)],
  ] as const) {
    it(`are refused where a trace holds what would make them lie: ${what}`, () => {
      const trace = new Trace().open('a', 20).write(20, 'abcd');
      expect(() => add(trace).image({ line: END })).to.throw('teach');
    });
  }
});

describe('crash images of a real process', function () {
  this.timeout(120_000);

  it('hold what it flushed before it was killed', async function () {
    const strace = await straceOrSkip(this);
    const scratch = await realpath(await mkdtemp(path.join(tmpdir(), 'crash-images-')));
    try {
      const directory = path.join(scratch, 'data');
      await mkdir(directory);
      const program = `
        const fs = require('node:fs');
        process.chdir(${JSON.stringify(directory)});
        const file = fs.openSync(process.cwd() + '/a.tmp', 'w');
        fs.writeSync(file, 'flushed');
        fs.fdatasyncSync(file);
        fs.renameSync(process.cwd() + '/a.tmp', process.cwd() + '/a');
        fs.writeSync(file, ' and not');
        fs.writeFileSync(process.cwd() + '/b', 'never flushed');
        process.kill(process.pid, 'SIGKILL');`;
      await writeFile(path.join(scratch, 'program.cjs'), program);
      const traceFile = path.join(scratch, 'trace');
      const node = [process.execPath, path.join(scratch, 'program.cjs')];
      const env = { ...strace.env, ...TRACED_ENVIRONMENT };
      const run = promisify(execFile)(strace.path, [...straceArguments(traceFile), ...node], {
        env,
      });
      expect(await run.catch((error: { signal?: string }) => error.signal)).to.equal('SIGKILL');
      const calls = parseStrace(await readFile(traceFile, 'latin1'));
      const history = readDiskHistory({ calls, before: new Map(), directory });
      const line = (calls.at(-1)?.began ?? 0) + 1;
      const texts = (point: CrashPoint) =>
        [...crashImage(history, point)].map(([name, content]) => `${name}: ${content}`).sort();
      expect(texts({ line })).to.deep.equal(['a: flushed', 'b: ']);
      expect(texts({ line, torn: whole })).to.deep.equal([
        'a: flushed and not',
        'b: never flushed',
      ]);
      expect(await readFile(path.join(directory, 'a'), 'utf8')).to.equal('flushed and not');
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  });
});
