import { z } from 'zod';

export function wholeNumber(least: number, most: number): z.ZodType<number> {
  const expected = `a whole number from ${least} to ${most}`;
  return z.coerce
    .number({ error: expected })
    .int({ error: expected })
    .min(least, { error: expected })
    .max(most, { error: expected });
}

const UNITS: Readonly<Record<string, number>> = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };

export function byteSize(least: number): z.ZodType<number> {
  const expected = 'a size such as 512MiB or 1GiB, or a number of bytes';
  return z.coerce
    .string()
    .transform((text, context) => {
      const parts = /^(\d+)\s*(B|KiB|MiB|GiB)?$/.exec(text.trim());
      const bytes = Number(parts?.[1] ?? Number.NaN) * (UNITS[parts?.[2] ?? 'B'] ?? 1);
      if (!(bytes >= least)) {
        context.addIssue({ code: 'custom', message: `${expected}, at least ${least} bytes` });
      }
      return bytes;
    })
    .pipe(z.number());
}

export function url(protocols: readonly string[]): z.ZodType<string> {
  const expected = `a URL that starts with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`;
  return z
    .string()
    .refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol), { error: expected });
}

const SHARE = 'a number from 0 to 1';
export const share = z.coerce.number({ error: SHARE }).min(0, { error: SHARE }).max(1, { error: SHARE });

export const hexKey = z
  .string()
  .regex(/^[0-9a-f]{64}$/i, { error: '64 hexadecimal digits (openssl rand -hex 32)' });

export const list = z
  .union([z.array(z.string()), z.string()])
  .transform((value) => (typeof value === 'string' ? value.split(',') : value))
  .transform((items) => items.map((item) => item.trim()).filter((item) => item !== ''));
