import type { JSX } from 'solid-js';
import { ShownOnce } from '../../ui/form.tsx';
import { QrCode } from './qr-code.tsx';

export interface NewSecondFactor {
  readonly secret: string;
  readonly uri: string;
}

/** What an authenticator app has to be told, as a picture and as a text. */
export function SecondFactorSecret(props: { readonly made: NewSecondFactor }): JSX.Element {
  return (
    <>
      <p>Scan this with an authenticator app, or type the secret in. Then give the code that it shows.</p>
      <QrCode text={props.made.uri} label="The secret as a QR code" />
      <ShownOnce what="The secret" text={props.made.secret} note="it is not shown again." />
    </>
  );
}
