import type { RedFigure } from './red-rows.ts';
import { SHOP, shopId } from './platform-data.ts';

/** What each service of the shop does in a second: steady waves, and payment that fails and slows down. */
export function shopSecond(second: number): RedFigure[] {
  return SHOP.flatMap((name, at) => {
    const wave = 1 + 0.4 * Math.sin(second / 40 + at);
    const noise = ((second * 7_919 + at * 104_729) % 17) / 17;
    const requests = Math.round((30 + at * 11) * wave + noise * 10);
    const isIll = name === 'payment' && second % 300 > 200;
    const figure = {
      service: shopId(name),
      second,
      requests,
      errors: isIll ? Math.round(requests * 0.18) : Math.floor(noise * 1.03),
      p95Ms: (18 + at * 9) * (isIll ? 4 : 1) * (0.9 + noise * 0.2),
    };
    const operations = ['GET /cart/{id}', 'POST /cart'].map((operation) => ({
      ...figure,
      operation,
      requests: Math.round(requests / 2),
      errors: 0,
    }));
    return name === 'cart' ? [figure, ...operations] : [figure];
  });
}

export function shopHistory(endSecond: number, seconds: number): RedFigure[] {
  return Array.from({ length: seconds }, (_, at) => shopSecond(endSecond - seconds + 1 + at)).flat();
}
