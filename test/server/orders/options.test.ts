import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import { BUSINESS_SETTINGS, createBusinessOptions } from '../../../server/business-settings.ts';
import { FobtwinError } from '../../../shared/errors.ts';
import { temporaryDirectory } from '../../support/fobd-process.ts';

const SECRET = 'whsec_aSecretOfSomeLength1234567';

describe('the file of --payments', () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;

  before(async () => {
    directory = await temporaryDirectory();
    await writeFile(path.join(directory.place, 'new.secret'), `${SECRET}\n`);
    await writeFile(path.join(directory.place, 'wrong.secret'), 'sk_live_aKeyOfAnotherKind12345');
  });
  after(() => directory.remove());

  async function options(file: object | string) {
    const text = typeof file === 'string' ? file : JSON.stringify(file);
    await writeFile(path.join(directory.place, 'payments.json'), text);
    const none = Object.keys(BUSINESS_SETTINGS).map((name) => [name, undefined]);
    const settings = { ...Object.fromEntries(none), payments: 'payments.json' };
    return createBusinessOptions(settings, directory.place).payments;
  }

  async function refusal(file: object | string): Promise<FobtwinError> {
    const error: unknown = await options(file).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (error instanceof FobtwinError) return error;
    throw new Error('nothing was refused');
  }

  it('names the processor and the files of its secrets, beside it', async () => {
    const secretFiles = ['new.secret', path.join(directory.place, 'new.secret')];
    expect(await options({ processor: 'stripe', secretFiles })).to.deep.equal({
      processor: 'stripe',
      secrets: [SECRET, SECRET],
    });
  });

  it('names the page where cards are charged, if there is one', async () => {
    const file = { processor: 'stripe', secretFiles: ['new.secret'] };
    const read = async (paymentLink: string) =>
      (await options({ ...file, paymentLink }))?.paymentLink?.href;
    const link = 'https://buy.stripe.com/test_1?locale=en';
    expect(await read(link)).to.equal(link);
    for (const wrong of [
      'http://buy.stripe.com/test_1',
      'https://user:word@buy.stripe.com/test_1',
      'javascript:alert(1)',
      'buy.stripe.com/test_1',
      '',
    ]) {
      const error = await refusal({ ...file, paymentLink: wrong });
      expect(error.code, wrong).to.equal('usage');
      expect(error.message, wrong).to.match(/is an https address,.*\n.*paymentLink/);
    }
    const long = await refusal({ ...file, paymentLink: `https://a.example/${'x'.repeat(2048)}` });
    expect(long.message).to.match(/is too long\n.*paymentLink/);
  });

  it('is refused with the reason, and without a secret in the text', async () => {
    const stripe = (...secretFiles: string[]) => ({ processor: 'stripe', secretFiles });
    const cases: readonly (readonly [object | string, RegExp])[] = [
      ['{', /cannot be read as JSON/],
      [{ processor: 'other', secretFiles: ['new.secret'] }, /no other processor/],
      [stripe(), /at least one file/],
      [stripe(...Array(5).fill('new.secret')), /at most 4 files/],
      [stripe('none.secret'), /none\.secret cannot be read/],
      [stripe('wrong.secret'), /wrong\.secret holds no signing secret/],
      [{ ...stripe('new.secret'), secret: SECRET }, /secret/],
    ];
    for (const [file, reason] of cases) {
      const error = await refusal(file);
      expect(error.code).to.equal('usage');
      expect(error.message)
        .to.match(reason)
        .and.not.match(/sk_live|whsec_aSecret/);
    }
  });
});
