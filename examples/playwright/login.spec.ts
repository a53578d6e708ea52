import { expect } from '@playwright/test';
import { test } from './token-test.ts';

test('a good login: press, read, type', async ({ token, signIn }) => {
  token.press();
  expect(await signIn(token.display)).toBe('Welcome');
});

test.describe('what goes wrong with a time token', () => {
  test('a code is used twice within its step', async ({ token, signIn }) => {
    token.press();
    expect(await signIn(token.display)).toBe('Welcome');
    // Impatient: the display still shows the same digits.
    token.advance('10s');
    expect(await signIn(token.display)).toBe('This code was used already');
    token.pressFresh();
    expect(await signIn(token.display)).toBe('Welcome');
  });

  test('the code is typed too late', async ({ token, signIn }) => {
    const late = token.press().display;
    token.advance('90s');
    expect(await signIn(late)).toBe('Wrong code');
  });

  test('it is read upside down', async ({ token, signIn }) => {
    token.inject('rotated').press();
    const answer = await signIn(token.display);
    expect(token.display).not.toBe(token.code);
    expect(['Wrong code', 'A code is six digits']).toContain(answer);
    token.clear('rotated');
    expect(await signIn(token.display)).toBe('Welcome');
  });

  test('a segment is missing', async ({ token, signIn }) => {
    // In the code of that moment the third digit loses its lower left corner.
    token.inject('garbled').press();
    expect(token.display).not.toBe(token.code);
    expect(await signIn(token.display)).not.toBe('Welcome');
  });

  test('its battery dies: it says Err where a code should be', async ({ token, signIn }) => {
    token.inject('err').press();
    expect(token.display).toBe('Err');
    expect(token.code).toBeNull();
    expect(await signIn(token.display)).toBe('A code is six digits');
  });

  test('five wrong codes lock the account, not the token', async ({ token, signIn }) => {
    for (let tries = 0; tries < 5; tries += 1) {
      expect(await signIn(token.wrongCode())).toBe('Wrong code');
    }
    token.press();
    expect(await signIn(token.display)).toBe('Locked: call the helpdesk');
    expect(token.state).toBe('showing');
  });
});

test.describe('a clock that has drifted', () => {
  test.use({ make: { crystal: 'worst' } });

  test('three years in a warm drawer', async ({ token, signIn }) => {
    token.setTemperature(30).advance('1095d').press();
    expect(Math.abs(token.offsetMillis)).toBeGreaterThan(60_000);
    // It looks perfect; only the server can tell.
    expect(token.display).toMatch(/^\d{6}$/);
    expect(await signIn(token.display)).toBe('Wrong code');
    token.programme().pressFresh();
    expect(await signIn(token.display)).toBe('Welcome');
  });
});

test.describe('an event token', () => {
  test.use({ make: { profile: 'e6' } });

  test('pressed in a pocket, it runs ahead of the server', async ({ token, signIn }) => {
    token.press();
    expect(await signIn(token.display)).toBe('Welcome');
    for (let presses = 0; presses < 15; presses += 1) token.advance('1m').press();
    expect(await signIn(token.display)).toBe('Wrong code');
  });
});

test.describe('a token with a PIN pad', () => {
  test.use({ make: { profile: 'p30' } });

  test('it locks itself: a challenge stands where a code should be', async ({ token, signIn }) => {
    token.inject('deviceLock').press();
    expect(token.state).toBe('deviceLocked');
    expect(token.code).toBeNull();
    expect(await signIn(token.display)).toBe('A code is six digits');
  });
});
