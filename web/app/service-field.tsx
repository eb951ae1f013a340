import { createMemo, type JSX } from 'solid-js';
import { useLive } from '../live/index.ts';
import { SelectField } from '../ui/controls.tsx';
import { serviceLabel } from '../ui/service-id.ts';

/** Picks a service: those seen live, and the one picked even when it is silent now. */
export function ServiceField(props: {
  readonly value: string;
  readonly onPick: (id: string) => void;
}): JSX.Element {
  const { overview } = useLive();
  const ids = createMemo(
    () => {
      overview.version();
      const seen = new Set([...overview.store.all()].map(({ key }) => key));
      if (props.value !== '') seen.add(props.value);
      return [...seen].sort((one, other) => serviceLabel(one).localeCompare(serviceLabel(other)));
    },
    [],
    { equals: (one, other) => one.join('\n') === other.join('\n') },
  );
  return (
    <SelectField
      label="Service"
      value={props.value}
      options={[
        { value: '', label: 'All services' },
        ...ids().map((id) => ({ value: id, label: serviceLabel(id) })),
      ]}
      onPick={props.onPick}
    />
  );
}
