import type { FaultKindView, FaultView, StateView, TokenView } from '../control/wire.ts';
import { make, makeButton } from './elements.ts';
import { createFaultForm } from './fault-form.ts';
import { createTimeForm } from './time-form.ts';

/** The drawer of a tester: time, temperature and faults of one token, and what is inside it. */
export interface Inspector {
  readonly element: HTMLElement;
  /** Of which token; undefined while it is closed. */
  serial(): string | undefined;
  open(view: TokenView): void;
  close(): void;
  show(view: TokenView): void;
}

export interface InspectorActions {
  /** Carries a command out; a refusal is told to the person by whoever is called. */
  readonly command: (command: string, parameters: object) => Promise<unknown>;
  readonly faultKinds: () => Promise<readonly FaultKindView[]>;
  readonly onClose: () => void;
}

export function createInspector(actions: InspectorActions): Inspector {
  let shown: TokenView | undefined;
  const ofToken = (command: string) => (parameters: object) => {
    if (shown !== undefined) void actions.command(command, { ...parameters, serial: shown.serial });
  };
  const title = make('h2', { attributes: { tabindex: '-1' } });
  const time = createTimeForm({
    advance: (by) => ofToken('advance')({ by }),
    now: () => ofToken('now')({}),
    setTemperature: (celsius) => ofToken('temperature')({ celsius }),
  });
  const faults = createFaultForm({ inject: ofToken('inject') });
  const active = make('ul', { class: 'active' });
  const mendAll = makeButton('Mend all', () => ofToken('reset')({}));
  const inside = make('dl');
  const close = (): void => {
    shown = undefined;
    element.hidden = true;
    actions.onClose();
  };
  const element = make('aside', {
    attributes: { id: 'inspector', hidden: true, 'aria-label': 'Faults and time' },
    children: [
      make('header', {
        children: [title, makeButton('Close', close, { class: 'quiet' })],
      }),
      time.element,
      section('Faults', [active, mendAll, faults.element]),
      section('Inside', [inside]),
    ],
  });
  element.addEventListener('keydown', ({ key }) => {
    if (key === 'Escape') close();
  });
  const showInside = async ({ serial }: TokenView): Promise<void> => {
    const state = (await actions.command('state', { serial })) as StateView | undefined;
    if (state !== undefined && shown?.serial === serial) inside.replaceChildren(...rows(state));
  };
  const show = (view: TokenView): void => {
    shown = view;
    title.textContent = view.serial;
    time.show(view);
    const items = view.faults.map((fault) => activeFault(fault, ofToken('clear')));
    active.replaceChildren(...items);
    mendAll.hidden = items.length === 0;
    void showInside(view);
  };
  return {
    element,
    show,
    close,
    serial: () => shown?.serial,
    open(view) {
      element.hidden = false;
      show(view);
      title.focus();
      void actions.faultKinds().then(faults.setKinds);
    },
  };
}

function section(title: string, children: readonly Node[]): HTMLElement {
  return make('section', { children: [make('h3', { text: title }), ...children] });
}

function activeFault({ name, attributes, probability }: FaultView, clear: (of: object) => void) {
  const parts = Object.entries(attributes).map(([key, value]) => `${key} ${value}`);
  if (probability < 1) parts.push(`probability ${probability}`);
  const detail = parts.length === 0 ? '' : ` (${parts.join(', ')})`;
  const mend = makeButton('Mend', () => clear({ name }), {
    class: 'quiet',
    attributes: { 'aria-label': `Mend ${name}` },
  });
  return make('li', { children: [make('span', { text: `${name}${detail}` }), mend] });
}

function rows(state: StateView): Node[] {
  const pairs: readonly (readonly [string, string])[] = [
    ['State', state.state],
    ['Its clock', `${state.deviceTime.slice(0, 19).replace('T', ' ')} UTC`],
    ['Clock off by', seconds(state.offsetMillis)],
    ['Presses', String(state.presses)],
    ...(state.counter === null ? [] : [['Counter', String(state.counter)] as const]),
    ['Cell', `${Math.round(state.cell.share * 100)} %, ${state.cell.volts.toFixed(2)} V`],
  ];
  return pairs.flatMap(([name, value]) => [
    make('dt', { text: name }),
    make('dd', { text: value }),
  ]);
}

function seconds(millis: number): string {
  const value = millis / 1000;
  const digits = Math.abs(value) < 10 ? 3 : 0;
  return `${value < 0 ? '−' : ''}${Math.abs(value).toFixed(digits)} s`;
}
