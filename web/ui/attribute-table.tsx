import { For, Show, type JSX } from 'solid-js';
import type { AttributeJson } from '../../proto/api/index.ts';
import { textOfValue, typeOfValue } from './any-value.ts';
import { CopyButton } from './controls.tsx';

/** Keys, values and types; every value can be copied. */
export function AttributeTable(props: {
  readonly attributes: readonly AttributeJson[];
  readonly dropped?: number;
  readonly empty: string;
}): JSX.Element {
  return (
    <>
      <Show when={props.attributes.length > 0} fallback={<p class="faint">{props.empty}</p>}>
        <table class="attributes">
          <tbody>
            <For each={props.attributes}>
              {(attribute) => (
                <tr>
                  <th scope="row">{attribute.key}</th>
                  <td>
                    <div class="value-cell">
                      <span>{textOfValue(attribute.value)}</span>
                      <span class="value-type">{typeOfValue(attribute.value)}</span>
                      <CopyButton text={textOfValue(attribute.value)} label={`Copy ${attribute.key}`} />
                    </div>
                  </td>
                </tr>
              )}
            </For>
          </tbody>
        </table>
      </Show>
      <Show when={(props.dropped ?? 0) > 0}>
        <p class="faint">{props.dropped} more were dropped by the sender.</p>
      </Show>
    </>
  );
}
