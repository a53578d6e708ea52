import { defineConfig } from '@playwright/test';

/** Without CHROMIUM_PATH it is the browser that `npx playwright install chromium` brought. */
const executablePath = process.env['CHROMIUM_PATH'];

export default defineConfig({
  testDir: '.',
  workers: 1,
  reporter: [['list'], ['json', { outputFile: 'test-results/report.json' }]],
  use: {
    browserName: 'chromium',
    launchOptions: executablePath === undefined ? {} : { executablePath },
  },
  projects: [
    { name: 'login', testMatch: 'login.spec.ts' },
    // Fails on purpose, to show what a failed test's report carries.
    { name: 'failing', testMatch: 'failing.spec.ts' },
  ],
});
