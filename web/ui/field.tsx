import { createUniqueId, Show, type JSX } from 'solid-js';

/** What its label and its hint know the control by. */
export interface FieldIds {
  readonly id: string;
  readonly hintId: string | undefined;
}

/** A label, a control, and a hint below: around every field there is. */
export function Field(props: {
  readonly label: string;
  readonly hint?: string | undefined;
  readonly children: (ids: FieldIds) => JSX.Element;
}): JSX.Element {
  const id = createUniqueId();
  const ids: FieldIds = {
    id,
    get hintId() {
      return props.hint ? `${id}-hint` : undefined;
    },
  };
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      {props.children(ids)}
      <Show when={props.hint}>
        {(hint) => (
          <p class="field-hint" id={`${id}-hint`}>
            {hint()}
          </p>
        )}
      </Show>
    </div>
  );
}
