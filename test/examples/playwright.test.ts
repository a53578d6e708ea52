import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import { build } from 'esbuild';
import { Token } from '../../emulator/library/token.ts';
import { type BrowserProgram, browserOrSkip, browserProgramOrSkip } from '../support/browser.ts';
import { installOutside, type Outside } from './outside.ts';
import { type Ran, runProgram } from './running.ts';

interface Attachment {
  readonly name: string;
  readonly contentType: string;
  readonly body?: string;
}

interface Report {
  readonly stats: { readonly expected: number; readonly unexpected: number };
  readonly suites: readonly {
    readonly specs: readonly {
      readonly tests: readonly {
        readonly results: readonly { readonly attachments: readonly Attachment[] }[];
      }[];
    }[];
  }[];
}

describe('the package, outside the tree', function () {
  this.timeout(240_000);
  let outside: Outside;
  let example: string;

  before(async () => {
    outside = await installOutside();
    example = await outside.bring('playwright');
  });
  after(() => outside?.remove());

  const node = (...parameters: string[]) =>
    runProgram(process.execPath, parameters, { cwd: outside.project });

  it('is imported by an ES module', async () => {
    const program =
      "import { Token } from 'fobtwin/emulator'; console.log(Token.make().press().display);";
    const { exitCode, output } = await node('--input-type=module', '--eval', program);
    expect(exitCode, output).to.equal(0);
    expect(output).to.match(/^\d{6}\s+$/);
  });

  it('is imported by a CommonJS one, and draws PNG there', async () => {
    const program =
      "import('fobtwin/emulator').then(({ Token }) => Token.make().press().screenshot())" +
      '.then((png) => console.log(Buffer.from(png.subarray(1, 4)).toString()));';
    const { exitCode, output } = await node('--input-type=commonjs', '--eval', program);
    expect(exitCode, output).to.equal(0);
    expect(output.trim()).to.equal('PNG');
  });

  it('is bundled without anything of Node, and is the same in a browser', async function () {
    const program =
      "import { Token } from 'fobtwin/emulator';" +
      'export const display = Token.make().press().display;' +
      "export const svg = await Token.make().press().screenshot({ format: 'svg' });";
    const { outputFiles, warnings } = await build({
      stdin: { contents: program, resolveDir: outside.project },
      bundle: true,
      format: 'esm',
      platform: 'browser',
      target: 'es2022',
      write: false,
      logLevel: 'silent',
    });
    expect(warnings).to.deep.equal([]);
    const bundle = outputFiles[0]?.text ?? '';
    expect(bundle).not.to.match(/\bfrom ?"node:|import\("node:|\bBuffer\.from/);
    const address = `data:text/javascript;base64,${Buffer.from(bundle).toString('base64')}`;
    const { browser } = await browserOrSkip(this);
    try {
      const page = await browser.newPage();
      const [display, svg] = await page.evaluate<[string, string]>(
        `import('${address}').then(({ display, svg }) => [display, svg])`,
      );
      const ours = Token.make().press();
      expect(display).to.equal(ours.display);
      expect(svg).to.equal(await ours.screenshot({ format: 'svg' }));
    } finally {
      await browser.close();
    }
  });

  it('brings its types: the example compiles with strict settings', async () => {
    const compiler = path.join(outside.project, 'node_modules/typescript/bin/tsc');
    const { exitCode, output } = await node(compiler, '-p', example);
    expect(exitCode, output).to.equal(0);
  });

  describe('with Playwright', () => {
    let browser: BrowserProgram;
    before(async function () {
      browser = await browserProgramOrSkip(this);
    });

    async function playwright(project: string): Promise<Ran & { readonly report: Report }> {
      const cli = path.join(outside.project, 'node_modules/@playwright/test/cli.js');
      const ran = await runProgram(process.execPath, [cli, 'test', '--project', project], {
        cwd: example,
        env: { ...browser.env, CHROMIUM_PATH: browser.file },
      });
      const file = path.join(example, 'test-results/report.json');
      const report = await readFile(file, 'utf8').catch(() => '');
      return { ...ran, report: JSON.parse(report === '' ? 'null' : report) as Report };
    }

    it('a web login is tested: one good login and nine that fail', async () => {
      const { exitCode, output, report } = await playwright('login');
      expect(exitCode, output).to.equal(0);
      expect([report.stats.expected, report.stats.unexpected]).to.deep.equal([10, 0]);
    });

    it("the report of a failed test carries the LCD's picture", async () => {
      const { exitCode, output, report } = await playwright('failing');
      expect(exitCode, output).to.equal(1);
      expect(report.stats.unexpected).to.equal(1);
      const attachments = report.suites[0]?.specs[0]?.tests[0]?.results[0]?.attachments ?? [];
      const picture = attachments.find(({ name }) => name === 'lcd.png');
      expect(picture?.contentType).to.equal('image/png');
      const png = Buffer.from(picture?.body ?? '', 'base64');
      expect(png.subarray(0, 8).toString('latin1')).to.equal('\x89PNG\r\n\x1a\n');
      const said = attachments.find(({ name }) => name === 'token')?.body ?? '';
      expect(Buffer.from(said, 'base64').toString()).to.contain('"display":"Err"');
    });
  });
});
