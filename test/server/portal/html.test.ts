import { expect } from 'chai';
import { html } from '../../../server/portal/html.ts';

describe('the markup of the pages', () => {
  it('escapes text, and has it turn nothing beside it, in attributes too', () => {
    const name = 'Jane\u202E <b>\u2067"Doe"';
    expect(html`<dd title="${name}">${[name, 7, undefined]}</dd>`.markup).to.equal(
      '<dd title="Jane &lt;b&gt;&quot;Doe&quot;">Jane &lt;b&gt;&quot;Doe&quot;7</dd>',
    );
    expect(html`<p>${html`<b>${'ג׳יין'}</b>`}</p>`.markup).to.equal('<p><b>ג׳יין</b></p>');
  });
});
