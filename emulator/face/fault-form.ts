import type { AttributeView, FaultKindView } from '../control/wire.ts';
import { make, makeButton } from './elements.ts';

/** Chooses a fault of the catalogue, says what comes of it, and asks for its attributes. */
export interface FaultForm {
  readonly element: HTMLElement;
  setKinds(kinds: readonly FaultKindView[]): void;
}

export interface FaultFormActions {
  readonly inject: (fault: object) => void;
}

export function createFaultForm({ inject }: FaultFormActions): FaultForm {
  let kinds: readonly FaultKindView[] = [];
  let fields: readonly Field[] = [];
  const choice = make('select', { attributes: { 'aria-label': 'Fault' } });
  const person = make('p', { class: 'hint' });
  const server = make('p', { class: 'hint' });
  const attributes = make('div', { class: 'fields' });
  const often = fieldOf({
    name: 'probability',
    describe: 'How likely it strikes each time',
    type: 'number',
    min: 0.01,
    max: 1,
    default: 1,
    unit: '',
  });
  const describe = (): void => {
    const kind = kinds.find(({ name }) => name === choice.value);
    if (kind === undefined) return;
    person.replaceChildren(make('b', { text: 'Seen: ' }), kind.person);
    server.replaceChildren(make('b', { text: 'Server: ' }), kind.server);
    fields = kind.attributes.map(fieldOf);
    attributes.replaceChildren(...fields.map(({ element }) => element), often.element);
  };
  choice.addEventListener('change', describe);
  const submit = makeButton(
    'Inject',
    () => {
      const given = fields.map(({ name, value }) => [name, value()]);
      inject({
        name: choice.value,
        attributes: Object.fromEntries(given),
        probability: often.value(),
      });
    },
    { class: 'main' },
  );
  const element = make('div', {
    class: 'fault',
    children: [choice, person, server, attributes, submit],
  });
  return {
    element,
    setKinds(known) {
      if (kinds.length > 0) return;
      kinds = known;
      const options = kinds.map(({ name }) =>
        make('option', { text: name, attributes: { value: name } }),
      );
      choice.replaceChildren(...options);
      describe();
    },
  };
}

interface Field {
  readonly name: string;
  readonly element: HTMLElement;
  value(): number | string;
}

function fieldOf(attribute: AttributeView): Field {
  const { name, describe } = attribute;
  if (attribute.type === 'choice') {
    const select = make('select', {
      children: attribute.choices.map((text) =>
        make('option', {
          text,
          attributes: { value: text, selected: text === attribute.default },
        }),
      ),
    });
    return { name, element: labelled(describe, '', select), value: () => select.value };
  }
  const { min, max, type, unit } = attribute;
  const input = make('input', {
    attributes: {
      type: 'number',
      min: String(min),
      max: String(max),
      step: type === 'integer' ? '1' : 'any',
      value: String(attribute.default),
    },
  });
  return { name, element: labelled(describe, unit, input), value: () => input.valueAsNumber };
}

function labelled(describe: string, unit: string, control: HTMLElement): HTMLElement {
  const text = unit === '' ? describe : `${describe} (${unit})`;
  return make('label', { class: 'field', children: [make('span', { text }), control] });
}
