import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import { libraryOrSkip } from '../support/debian.ts';
import { type Face, startFace } from './face-process.ts';
import { type FobOnPath, putFobOnPath } from './fob-on-path.ts';
import { expectPicture } from './pictures.ts';
import { pythonWithPytest } from './pytest.ts';
import { runProgram } from './running.ts';

const SEED = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';

describe('examples over the control API', function () {
  this.timeout(60_000);
  let fob: FobOnPath;

  before(async () => {
    fob = await putFobOnPath();
  });
  after(() => fob?.remove());

  describe('pytest', () => {
    let python: Readonly<Record<string, string>>;
    before(async function () {
      python = await pythonWithPytest(this);
    });

    async function pytest(...parameters: string[]) {
      const cwd = fob.example('pytest');
      const env = fob.environment({ ...python, LCD_FOLDER: path.join(cwd, 'lcd') });
      const ran = await runProgram(
        'python3',
        ['-m', 'pytest', '--junit-xml', 'report.xml', ...parameters],
        { cwd, env },
      );
      return { ...ran, report: await readFile(path.join(cwd, 'report.xml'), 'utf8') };
    }

    it('a web login is tested: one good login and six that fail', async () => {
      const { exitCode, output, report } = await pytest();
      expect(exitCode, output).to.equal(0);
      expect(report)
        .to.match(/ failures="0"/)
        .and.to.match(/ tests="7"/);
    });

    it("the report of a failed test carries the LCD's picture", async () => {
      const { exitCode, output, report } = await pytest('failing_on_purpose.py');
      expect(exitCode, output).to.equal(1);
      await expectPicture(report);
    });
  });

  describe('JUnit', () => {
    let face: Face;
    let classPath: string;

    before(async function () {
      const jars = path.join(await libraryOrSkip(this, 'junit4'), 'usr/share/java');
      const classes = fob.newPlace('classes');
      classPath = [classes, `${jars}/junit4.jar`, `${jars}/hamcrest-all.jar`].join(':');
      const cwd = fob.example('junit');
      const sources = ['Fob', 'Login', 'LcdOfFailure', 'LoginTest', 'FailingOnPurpose'];
      const { exitCode, output } = await runProgram(
        'javac',
        ['-d', classes, '-cp', classPath, ...sources.map((name) => `${name}.java`)],
        { cwd },
      );
      expect(exitCode, output).to.equal(0);
      const env = fob.environment({ FOB_DRAWER: fob.newPlace('junit-drawer') });
      const stdin = [1, 2, 3, 4, 5, 6]
        .map((number) => `otpauth://totp/QA-TIME-${number}?secret=${SEED}\n`)
        .join('');
      const made = await runProgram('fob', ['import', '-'], { cwd, env, stdin });
      expect(made.exitCode, made.output).to.equal(0);
      face = await startFace('fob', ['face', '--qa', '--port', '0', '--json'], { cwd, env });
    });
    after(() => face?.stop());

    const junit = (suite: string) =>
      runProgram('java', ['-cp', classPath, 'org.junit.runner.JUnitCore', suite], {
        cwd: fob.example('junit'),
        env: { FOB_ADDRESS: face.address, LCD_FOLDER: fob.newPlace('junit-lcd') },
      });

    it('a login is tested: one good login and four that fail', async () => {
      const { exitCode, output } = await junit('LoginTest');
      expect(exitCode, output).to.equal(0);
      expect(output).to.contain('OK (5 tests)');
    });

    it("the report of a failed test carries the LCD's picture", async () => {
      const { exitCode, output } = await junit('FailingOnPurpose');
      expect(exitCode, output).to.equal(1);
      await expectPicture(output);
    });
  });
});
