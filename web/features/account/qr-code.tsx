import { createMemo, type JSX } from 'solid-js';
import { encode } from 'uqr';
import './qr-code.css';

/** Quiet modules around the code; scanners want some. */
const BORDER = 2;

/** A QR code, always dark on light: scanners do not read the other way round. */
export function QrCode(props: { readonly text: string; readonly label: string }): JSX.Element {
  const code = createMemo(() => encode(props.text, { border: BORDER }));
  const path = () =>
    code()
      .data.flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : '')))
      .join('');
  return (
    <svg class="qr-code" role="img" aria-label={props.label} viewBox={`0 0 ${code().size} ${code().size}`}>
      <rect class="qr-paper" width="100%" height="100%" />
      <path class="qr-ink" d={path()} shape-rendering="crispEdges" />
    </svg>
  );
}
