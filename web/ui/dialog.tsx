import { onMount, Show, type JSX } from 'solid-js';
import { IconButton } from './controls.tsx';

/** Modal; the browser keeps the focus inside and gives it back. Escape and a click outside close it. */
export function Dialog(props: {
  readonly label: string;
  readonly onClose: () => void;
  readonly children: JSX.Element;
  /** Without title bar: the content says what it is. */
  readonly isBare?: boolean;
}): JSX.Element {
  let dialog!: HTMLDialogElement;
  onMount(() => {
    dialog.showModal();
  });
  return (
    <dialog
      ref={dialog}
      class="dialog"
      aria-label={props.label}
      onClose={() => {
        props.onClose();
      }}
      onClick={(event) => {
        if (event.target === dialog) dialog.close();
      }}
    >
      <Show when={props.isBare !== true} fallback={props.children}>
        <header class="dialog-head">
          <h2 class="grow">{props.label}</h2>
          <IconButton
            icon="cross"
            label="Close"
            onClick={() => {
              dialog.close();
            }}
          />
        </header>
        <div class="dialog-body">{props.children}</div>
      </Show>
    </dialog>
  );
}
