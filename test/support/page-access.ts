import axe from 'axe-core';
import { expect } from 'chai';
import type { Page } from 'playwright-core';

/** Nothing of the page keeps anybody out, and nothing has to be moved sideways to be read. */
export async function expectOpenToAll(page: Page, name: string): Promise<void> {
  // By way of the debugger: fobd's pages let no script run.
  const session = await page.context().newCDPSession(page);
  await session.send('Runtime.evaluate', { expression: axe.source });
  await session.detach();
  const violations = await page.evaluate(
    "axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', " +
      "'best-practice'] })" +
      '.then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes[0].html]))',
  );
  expect(violations, name).to.deep.equal([]);
  const overflow = await page.evaluate(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  );
  expect(overflow, name).to.equal(0);
}
