import { expect } from 'chai';
import { formatFields, formatTable } from '../../../server/cli/table.ts';

/** CSI as one C1 control character: "clear the screen" to some terminals. */
const HOSTILE = 'Ma\u009b2Jker\u001b[31m\nName';

describe('server/cli/table', () => {
  it('shows no control character of what others wrote', () => {
    const shown = [
      formatTable(['MAKER'], [[HOSTILE], ['Feitian']], 'none'),
      formatFields({ maker: HOSTILE, model: undefined }),
    ];
    for (const text of shown) {
      expect(text.replaceAll('\n', '')).to.not.match(/\p{Cc}/u);
      expect(text).to.contain('Ma\uFFFD2Jker\uFFFD[31m\uFFFDName');
    }
  });
});
