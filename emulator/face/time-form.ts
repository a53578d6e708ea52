import type { TokenView } from '../control/wire.ts';
import { make, makeButton } from './elements.ts';

/** A token's own time, which only runs on, and the warmth around it. */
export interface TimeForm {
  readonly element: HTMLElement;
  show(view: TokenView): void;
}

export interface TimeActions {
  /** @param by a span, `30d` */
  readonly advance: (by: string) => void;
  readonly now: () => void;
  readonly setTemperature: (celsius: number) => void;
}

/** Where the slider can stand: spans that matter to a token, from a step to its whole life. */
const SPANS: readonly (readonly [span: string, words: string])[] = [
  ['5s', '5 seconds'],
  ['30s', '30 seconds'],
  ['1m', 'a minute'],
  ['10m', '10 minutes'],
  ['1h', 'an hour'],
  ['12h', '12 hours'],
  ['1d', 'a day'],
  ['7d', 'a week'],
  ['30d', '30 days'],
  ['90d', '90 days'],
  ['365d', 'a year'],
  ['1096d', '3 years'],
];
const FIRST_PLACE = 1;
const CELSIUS = { min: '-20', max: '70', usual: '25' } as const;

export function createTimeForm({ advance, now, setTemperature }: TimeActions): TimeForm {
  const clock = make('p', { class: 'clock' });
  const ahead = make('p', { class: 'hint' });
  const slider = range('Let so much time pass', {
    min: '0',
    max: String(SPANS.length - 1),
    value: String(FIRST_PLACE),
  });
  const chosen = () => SPANS[Number(slider.input.value)] ?? ['30s', '30 seconds'];
  const pass = makeButton('', () => advance(chosen()[0]), { class: 'main' });
  const back = makeButton('Back to now', now);
  const describe = (): void => {
    const [, words] = chosen();
    slider.say(words);
    slider.input.setAttribute('aria-valuetext', words);
    pass.textContent = `Let ${words} pass`;
  };
  slider.input.addEventListener('input', describe);
  describe();

  const warmth = range('Temperature', { ...CELSIUS, value: CELSIUS.usual });
  const sayWarmth = (): void => {
    warmth.say(`${warmth.input.value.replace('-', '−')} °C`);
    warmth.input.setAttribute('aria-valuetext', `${warmth.input.value} degrees Celsius`);
  };
  warmth.input.addEventListener('input', sayWarmth);
  warmth.input.addEventListener('change', () => setTemperature(Number(warmth.input.value)));

  const passing = make('div', {
    children: [slider.element, make('div', { class: 'row', children: [pass, back] })],
  });
  const element = make('section', {
    children: [make('h3', { text: 'Time' }), clock, ahead, passing, warmth.element],
  });
  return {
    element,
    show({ at, aheadMillis, mode, celsius }) {
      const isLive = mode === 'live';
      clock.textContent = `${at.slice(0, 19).replace('T', ' ')} UTC`;
      ahead.textContent = isLive
        ? "A live token follows the computer's clock; the fault clockOffset puts it off."
        : aheadWords(aheadMillis);
      passing.hidden = isLive;
      back.hidden = aheadMillis === 0;
      warmth.element.hidden = isLive;
      if (document.activeElement !== warmth.input) warmth.input.value = String(celsius);
      sayWarmth();
    },
  };
}

const DAY_MILLIS = 86_400_000;
const HOUR_MILLIS = 3_600_000;

function aheadWords(millis: number): string {
  if (millis === 0) return "Together with the computer's clock.";
  const [amount, unit] =
    millis >= DAY_MILLIS
      ? [millis / DAY_MILLIS, 'days']
      : millis >= HOUR_MILLIS
        ? [millis / HOUR_MILLIS, 'hours']
        : [millis / 1000, 'seconds'];
  const rounded = Math.round(amount * 10) / 10;
  return `${rounded} ${unit} ahead of the computer's clock.`;
}

function range(name: string, limits: { min: string; max: string; value: string }) {
  const input = make('input', { attributes: { type: 'range', step: '1', ...limits } });
  // No <output>: as the first of its kind in the label, that would be what is labelled.
  const output = make('span', { class: 'value', attributes: { 'aria-hidden': 'true' } });
  const caption = make('span', { class: 'caption', children: [name, output] });
  const element = make('label', { class: 'range', children: [caption, input] });
  const say = (text: string): void => {
    output.textContent = text;
  };
  return { element, input, say };
}
