import { For, type JSX } from 'solid-js';

/** A heading, or one that only those are told who do not see that the column holds buttons. */
export type PlainColumn = string | { readonly hidden: string };

/** A table that is short enough to be all there. Where the page is narrower, it scrolls by itself. */
export function PlainTable(props: {
  readonly columns: readonly PlainColumn[];
  readonly class?: string;
  /** Rows. */
  readonly children: JSX.Element;
}): JSX.Element {
  return (
    <div class="table-scroll">
      <table class={`plain-table ${props.class ?? ''}`}>
        <thead>
          <tr>
            <For each={props.columns}>
              {(column) => (
                <th scope="col">
                  {typeof column === 'string' ? column : <span class="visually-hidden">{column.hidden}</span>}
                </th>
              )}
            </For>
          </tr>
        </thead>
        <tbody>{props.children}</tbody>
      </table>
    </div>
  );
}
