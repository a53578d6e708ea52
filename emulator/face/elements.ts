/** Elements made in one expression; text is always text. */

type Child = Node | string;

export interface Shape {
  readonly class?: string;
  readonly text?: string;
  /** Attributes as they are written; one that is false or undefined is left out. */
  readonly attributes?: Readonly<Record<string, string | boolean | undefined>>;
  readonly children?: readonly Child[];
}

export function make<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  { class: className, text, attributes = {}, children = [] }: Shape = {},
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  if (className !== undefined) element.className = className;
  if (text !== undefined) element.textContent = text;
  for (const [attribute, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    element.setAttribute(attribute, value === true ? '' : value);
  }
  element.append(...children);
  return element;
}

/** A plain button that does one thing. */
export function makeButton(text: string, act: () => void, shape: Shape = {}): HTMLButtonElement {
  const button = make('button', {
    ...shape,
    text,
    attributes: { type: 'button', ...shape.attributes },
  });
  button.addEventListener('click', act);
  return button;
}

/** A picture of this project's own as a part of the page. */
export function readPicture(svg: string): Element {
  const { documentElement } = new DOMParser().parseFromString(svg, 'image/svg+xml');
  return document.importNode(documentElement, true);
}

/** The element of `index.html` with this id. */
export function place(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`index.html has no #${id}`);
  return found;
}
