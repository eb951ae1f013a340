import { Show, type JSX } from 'solid-js';
import { severityLevel } from './otel-names.ts';
import { colourVar } from './series-colour.ts';
import { parseServiceId, serviceLabel } from './service-id.ts';
import { Icon } from './icon.tsx';

export function Swatch(props: { readonly name: string }): JSX.Element {
  return <span class="swatch" aria-hidden="true" style={{ '--swatch': colourVar(props.name) }} />;
}

export function ServiceChip(props: { readonly id: string }): JSX.Element {
  return (
    <span class="service-chip" title={serviceLabel(props.id)}>
      <Swatch name={props.id} />
      <span class="clip">{parseServiceId(props.id).name}</span>
    </span>
  );
}

export function SeverityBadge(props: { readonly number: number; readonly text: string }): JSX.Element {
  const level = () => severityLevel(props.number);
  return (
    <span class={`severity ${level()}`} title={`${props.text || level()} (${props.number})`}>
      {level() === 'unset' ? '–' : level().toUpperCase()}
    </span>
  );
}

export function ErrorMark(props: { readonly label: string }): JSX.Element {
  return (
    <span class="badge error" title={props.label}>
      <Icon name="warning" />
      {props.label}
    </span>
  );
}

/** Environment and namespace, whichever is set. */
export function ServiceOrigin(props: { readonly id: string }): JSX.Element {
  const parts = () => parseServiceId(props.id);
  const text = () => [parts().environment, parts().namespace].filter((part) => part !== '').join(' · ');
  return (
    <Show when={text()}>
      <span class="faint clip">{text()}</span>
    </Show>
  );
}
