import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';
import { type Face, startFace } from './face-process.ts';
import { type FobOnPath, putFobOnPath } from './fob-on-path.ts';
import { EXAMPLES } from './outside.ts';
import { pythonWithPytest } from './pytest.ts';
import { runProgram } from './running.ts';

type Environment = Readonly<Record<string, string>>;

interface GithubJob {
  readonly services: Readonly<Record<'fob', { readonly env: Environment }>>;
  readonly env: Environment;
  readonly steps: readonly { readonly name?: string; readonly run?: string }[];
}

interface GitlabJob {
  readonly services: readonly { readonly name: string; readonly alias: string }[];
  readonly variables: Environment;
  readonly before_script: readonly string[];
  readonly script: readonly string[];
}

const ACCESS_TOKEN = 'for-these-tests-alone-0123456789';
/** pytest is here already, or Debian's is; nothing is installed on the machine that tests. */
const INSTALLS = /^pip install/;

const read = async (file: string) => readFile(path.join(EXAMPLES, 'ci', file), 'utf8');

describe('the example of a CI job, its commands run by hand', function () {
  this.timeout(60_000);
  let fob: FobOnPath;
  let python: Environment;

  before(async function () {
    fob = await putFobOnPath();
    python = await pythonWithPytest(this);
  });
  after(() => fob?.remove());

  /** What the image's CMD runs, with what the job gives its service. */
  const startService = (job: string, env: Environment): Promise<Face> =>
    startFace('sh', ['start-fob.sh'], {
      cwd: fob.example('ci'),
      env: fob.environment({
        ...env,
        FOB_DRAWER: fob.newPlace(`drawer-of-${job}`),
        FOB_FACE_TOKEN: ACCESS_TOKEN,
        FOB_PORT: '0',
      }),
    });

  /** In the suite's directory, as after a checkout; the container is at another address here. */
  async function runCommands(commands: readonly string[], face: Face): Promise<string> {
    const address = `http://127.0.0.1:${new URL(face.address).port}`;
    const env = fob.environment({
      ...python,
      FOB_ADDRESS: address,
      FOB_FACE_TOKEN: ACCESS_TOKEN,
    });
    let output = '';
    for (const command of commands.filter((each) => !INSTALLS.test(each))) {
      const cwd = fob.example('pytest');
      const ran = await runProgram('bash', ['-e', '-o', 'pipefail', '-c', command], { cwd, env });
      expect(ran.exitCode, `${command}\n${ran.output}`).to.equal(0);
      output += ran.output;
    }
    return output;
  }

  it('of GitHub Actions', async () => {
    const workflow = parse(await read('github-actions.yml')) as {
      readonly jobs: { readonly login: GithubJob };
    };
    const { services, steps, env } = workflow.jobs.login;
    // Never in the clear: whoever reads the file does not know it.
    for (const given of [services.fob.env, env]) {
      expect(given['FOB_FACE_TOKEN']).to.match(/^\$\{\{ secrets\.FOB_FACE_TOKEN \}\}$/);
    }
    const face = await startService('github', services.fob.env);
    try {
      const commands = steps.flatMap(({ run }) => (run === undefined ? [] : [run]));
      const output = await runCommands(commands, face);
      expect(output)
        .to.contain('QA-TIME-1')
        .and.to.match(/7 passed/);
    } finally {
      await face.stop();
    }
  });

  it('of GitLab', async () => {
    const { login } = parse(await read('gitlab-ci.yml')) as { readonly login: GitlabJob };
    const [service] = login.services;
    expect(login.variables['FOB_ADDRESS']).to.equal(`http://${service?.alias}:8765`);
    const face = await startService('gitlab', login.variables);
    try {
      const output = await runCommands([...login.before_script, ...login.script], face);
      expect(output)
        .to.contain('QA-TIME-1')
        .and.to.match(/7 passed/);
    } finally {
      await face.stop();
    }
  });

  it('in the container the image runs that script, as nobody in particular', async () => {
    const lines = (await read('Containerfile')).split('\n');
    const start = lines.find((line) => line.startsWith('COPY '))?.split(' ');
    expect(start?.slice(0, 2)).to.deep.equal(['COPY', 'start-fob.sh']);
    const command = /^CMD (.*)$/m.exec(lines.join('\n'))?.[1] ?? '';
    expect(JSON.parse(command)).to.deep.equal(['sh', start?.[2]]);
    expect(lines).to.contain('USER node');
    const { version } = JSON.parse(
      await readFile(path.join(EXAMPLES, '../package.json'), 'utf8'),
    ) as { readonly version: string };
    expect(lines).to.contain(`RUN npm install --global fobtwin@${version}`);
  });

  it('names no token, starts nothing', async () => {
    const { exitCode, output } = await runProgram('sh', ['start-fob.sh'], {
      cwd: fob.example('ci'),
      env: fob.environment({ FOB_FACE_TOKEN: ACCESS_TOKEN }),
    });
    expect(exitCode).not.to.equal(0);
    expect(output).to.contain('names no token');
  });
});
