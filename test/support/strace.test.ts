import { expect } from 'chai';
import { parseStrace, replyLines, stringsOf, tracedProcess } from './strace.ts';

const hex = (text: string): string =>
  [...Buffer.from(text)].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
const quoted = (text: string): string => `"${hex(text)}"`;

describe('reading a trace', () => {
  it('reads a whole call, one that failed, and none from other lines', () => {
    const calls = parseStrace(
      [
        `12  openat(AT_FDCWD, ${quoted('/a b')}, O_RDONLY|O_CLOEXEC) = 17`,
        `12  unlink(${quoted('/c')}) = -1 ENOENT (No such file or directory)`,
        '12  --- SIGCHLD {si_signo=SIGCHLD, si_code=CLD_EXITED} ---',
        '13  +++ killed by SIGKILL +++',
        '',
      ].join('\n'),
    );
    expect(calls).to.deep.equal([
      {
        name: 'openat',
        args: `AT_FDCWD, ${quoted('/a b')}, O_RDONLY|O_CLOEXEC`,
        result: 17,
        began: 0,
        ended: 0,
      },
      { name: 'unlink', args: quoted('/c'), result: -1, began: 1, ended: 1 },
    ]);
    expect(stringsOf(calls[0]?.args ?? '').map(String)).to.deep.equal(['/a b']);
  });

  it('joins the halves of calls of several threads, each with its own lines', () => {
    const calls = parseStrace(
      [
        `7     write(20, ${quoted('abc')}, 3 <unfinished ...>`,
        '123456 fdatasync(20 <unfinished ...>',
        '7     <... write resumed>)             = 3',
        '7     close(9)                         = 0',
        '123456 <... fdatasync resumed>)         = 0',
      ].join('\n'),
    );
    expect(calls.map(({ name, began, ended }) => [name, began, ended])).to.deep.equal([
      ['write', 0, 2],
      ['fdatasync', 1, 4],
      ['close', 3, 3],
    ]);
    expect(calls[0]?.args).to.equal(`20, ${quoted('abc')}, 3`);
    expect(tracedProcess('123456 fdatasync(20) = 0\n')).to.equal(123456);
  });

  for (const [how, lines] of [
    ['its line left open', ['5  fdatasync(20 <unfinished ...>']],
    ['its line closed', ['5  fdatasync(20 <unfinished ...>) = ?']],
    ['resumed', ['5  fdatasync(20 <unfinished ...>', '5  <... fdatasync resumed>) = ?']],
    ['on one line', ['5  fdatasync(20)                     = ?']],
  ] as const) {
    it(`knows of no end of a call in which the process was killed: ${how}`, () => {
      const [call, ...others] = parseStrace([...lines, '5  +++ killed by SIGKILL +++'].join('\n'));
      expect(others).to.deep.equal([]);
      expect(call).to.deep.equal({
        ...{ name: 'fdatasync', args: '20', result: -1 },
        ...{ began: 0, ended: Number.POSITIVE_INFINITY },
      });
    });
  }

  it('refuses a string that strace cut, or did not write as bytes', () => {
    expect(() => stringsOf(`1, "${hex('abc')}"..., 900`)).to.throw('cut');
    expect(() => stringsOf('1, "abc", 3')).to.throw('\\xNN');
  });

  it('finds replies by their request ids, in whichever way they are sent', () => {
    const reply = (id: string) => `HTTP/1.1 200 OK\r\nX-Request-Id: ${id}\r\n\r\n{}`;
    const two = reply('b') + reply('c');
    const lines = replyLines(
      parseStrace(
        [
          `5  write(20, ${quoted('X-Request-Id: log\r\n')}, 19) = 19`,
          `5  write(30, ${quoted(reply('a'))}, 45) = 45`,
          `5  writev(30, [{iov_base=${quoted(two.slice(0, 30))}, iov_len=30}, ` +
            `{iov_base=${quoted(two.slice(30))}, iov_len=60}], 2 <unfinished ...>`,
          '5  <... writev resumed>) = 90',
        ].join('\n'),
      ),
    );
    expect([...lines]).to.deep.equal([
      ['a', 1],
      ['b', 2],
      ['c', 2],
    ]);
  });

  it('refuses two replies to one request', () => {
    const line = `5  write(30, ${quoted('HTTP/1.1 200 OK\r\nX-Request-Id: a\r\n\r\n')}, 1) = 1`;
    expect(() => replyLines(parseStrace(`${line}\n${line}`))).to.throw('two replies to a');
  });
});
