import { type Html, html } from './html.ts';
import { NOTE_ID } from './page.ts';
import type { Refusal } from './refusal.ts';

/** Fields with a label, a hint and what was typed; those that were refused are marked. */

export interface FieldView {
  /** Its id too. */
  readonly name: string;
  readonly label: string;
  readonly value: string | undefined;
  readonly charactersMax: number;
  readonly autocomplete?: string;
  readonly type?: 'text' | 'email';
  readonly hint?: string;
  /** Default false: the browser asks for it. */
  readonly optional?: boolean;
  /** Not asked for by the browser, as it counts only after a choice. Default false. */
  readonly isOfChoice?: boolean;
}

/** For a field that the refusal may be about. */
export function markFor(name: string, refusal: Refusal | undefined, hasHint = false): Html {
  const isRefused = refusal?.fields?.has(name) === true;
  const about = [hasHint ? `${name}-hint` : '', isRefused ? NOTE_ID : ''].filter(Boolean).join(' ');
  return html`${isRefused ? html` aria-invalid="true"` : ''}${
    about === '' ? '' : html` aria-describedby="${about}"`
  }`;
}

const labelOf = ({ name, label, optional = false }: FieldView): Html =>
  html`<label for="${name}">${label}${
    optional ? html` <span class="quiet">(optional)</span>` : ''
  }</label>`;

const hintOf = ({ name, hint }: FieldView): Html | undefined =>
  hint === undefined ? undefined : html`<span class="hint" id="${name}-hint">${hint}</span>`;

const attributesOf = (field: FieldView, refusal: Refusal | undefined): Html => {
  const { name, charactersMax, autocomplete = 'off', optional, isOfChoice, hint } = field;
  return html` id="${name}" name="${name}" maxlength="${charactersMax}" autocomplete="${
    autocomplete
  }"${optional || isOfChoice ? '' : html` required`}${markFor(name, refusal, hint !== undefined)}`;
};

export const textField = (field: FieldView, refusal: Refusal | undefined): Html =>
  html`${labelOf(field)}
<input type="${field.type ?? 'text'}"${attributesOf(field, refusal)} value="${
    field.value ?? ''
  }">${hintOf(field)}
`;

export const linesField = (field: FieldView, refusal: Refusal | undefined): Html =>
  html`${labelOf(field)}
<textarea rows="3"${attributesOf(field, refusal)}>
${field.value ?? ''}</textarea>${hintOf(field)}
`;

export type Option = readonly [value: string, name: string];

export const optionsOf = (options: readonly Option[], chosen: string | undefined): Html =>
  html`${options.map(
    ([value, name]) =>
      html`<option value="${value}"${value === chosen ? html` selected` : ''}>${name}</option>`,
  )}`;

export interface ChoiceView {
  readonly name: string;
  readonly value: string;
  readonly id?: string;
  readonly isChosen: boolean;
  readonly type?: 'radio' | 'checkbox';
  readonly required?: boolean;
  readonly refusal?: Refusal | undefined;
  readonly label: string | Html;
}

export const choiceField = (choice: ChoiceView): Html => {
  const { name, value, id, isChosen, type = 'radio', required = false, refusal, label } = choice;
  return html`
<label class="choice"><input type="${type}" name="${name}" value="${value}"${
    id === undefined ? '' : html` id="${id}"`
  }${isChosen ? html` checked` : ''}${required ? html` required` : ''}${markFor(
    name,
    refusal,
  )}> <span>${label}</span></label>`;
};
