import { z } from 'zod';

export function wholeNumber(least: number, most: number): z.ZodType<number> {
  const expected = `a whole number from ${least} to ${most}`;
  return numeric(
    z
      .number({ error: expected })
      .int({ error: expected })
      .min(least, { error: expected })
      .max(most, { error: expected }),
  );
}

/** YAML gives numbers, the environment text. What JavaScript would make of anything else, nobody has meant. */
function numeric(schema: z.ZodNumber): z.ZodType<number> {
  return z.preprocess(
    (value) => (typeof value === 'string' && value.trim() !== '' ? Number(value) : value),
    schema,
  );
}

export function text(what: string): z.ZodType<string> {
  const expected = `${what}, in quotes where it looks like something else`;
  return z.string({ error: expected }).min(1, { error: expected });
}

const UNITS: Readonly<Record<string, number>> = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };

export function byteSize(least: number): z.ZodType<number> {
  const expected = 'a size such as 512MiB or 1GiB, or a number of bytes';
  return z
    .unknown()
    .transform((value, context) => {
      const given = typeof value === 'string' || typeof value === 'number' ? String(value) : '';
      const parts = /^(\d+)\s*(B|KiB|MiB|GiB)?$/.exec(given.trim());
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
    .string({ error: expected })
    .refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol), { error: expected });
}

const SHARE = 'a number from 0 to 1';
export const share = numeric(z.number({ error: SHARE }).min(0, { error: SHARE }).max(1, { error: SHARE }));

const HEX_KEY = '64 hexadecimal digits (openssl rand -hex 32), in quotes';
export const hexKey = z.string({ error: HEX_KEY }).regex(/^[0-9a-f]{64}$/i, { error: HEX_KEY });

export const list = z
  .union([z.array(z.string()), z.string()], { error: 'a list of texts, or texts with commas between them' })
  .transform((value) => (typeof value === 'string' ? value.split(',') : value))
  .transform((items) => items.map((item) => item.trim()).filter((item) => item !== ''));
