import { expect } from 'chai';
import {
  NOTICE_SECRETS,
  NOTICE_TEMPLATES,
  type NoticeTemplate,
} from '../../../server/notices/templates/catalogue.ts';
import { dayOf, momentOf } from '../../../server/notices/templates/mail-body.ts';
import { renderMail } from '../../../server/notices/templates/render.ts';

const ALL = Object.keys(NOTICE_TEMPLATES) as NoticeTemplate[];

const valuesOf = (template: NoticeTemplate, make: (name: string) => string) => {
  const names: readonly string[] = [
    ...NOTICE_TEMPLATES[template],
    ...(NOTICE_SECRETS[template] ?? []),
  ];
  return Object.fromEntries(names.map((name) => [name, make(name)]));
};

describe('mail templates', () => {
  for (const template of ALL) {
    it(`${template} shows every value in both forms`, () => {
      const values = valuesOf(template, (name) => `<${name}&>`);
      const { subject, text, html } = renderMail(template, values);
      const plain = `${subject} ${text.replace(/\s+/g, ' ')}`;
      for (const [name, value] of Object.entries(values)) {
        expect(plain, name).to.contain(value);
        expect(html, name).to.contain(`&lt;${name}&amp;&gt;`);
        expect(html).to.not.contain(value);
      }
      expect(plain).to.not.match(/undefined|\[not available\]/);
      expect(text.split('\n').every((line) => line.length <= 100)).to.equal(true);
    });

    it(`${template} fetches nothing, and has one line for a subject`, () => {
      const hostile = '\u202ex\r\nBcc: y@z\u2028<img src="https://evil.example/">\u2066';
      const { subject, html, text } = renderMail(
        template,
        valuesOf(template, () => hostile),
      );
      expect(subject).to.not.match(/[\p{Cc}\u2028\u2029]/u);
      expect(subject + text + html).to.not.match(/\p{Bidi_Control}/u);
      expect(html).to.not.match(/<(img|script|link|iframe|a)\b|url\(/i);
    });
  }

  it('says days as 14 March 2027, and moments with their time', () => {
    expect(dayOf('2027-03-14T09:30:00.000Z')).to.equal('14 March 2027');
    expect(momentOf('2027-03-14T09:30:00.000Z')).to.equal('14 March 2027 at 09:30 UTC');
    expect(dayOf('soon')).to.equal('soon');
  });

  it('reads in dark and in light', () => {
    const { html } = renderMail('passwordSet', { at: 'now' });
    expect(html).to.contain('<meta name="color-scheme" content="light dark">');
    expect(html).to.not.match(/(?<!-)\bcolor:|background/);
  });
});
