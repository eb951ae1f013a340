import { describe, expect, it } from 'vitest';
import { colourIndex, SERIES_COLOURS } from './series-colour.ts';
import { parseServiceId, serviceLabel, servicePath } from './service-id.ts';

describe('service ids', () => {
  it('come apart into what they were made of', () => {
    expect(parseServiceId('prod~shop%7E1~ca%2Frt')).toEqual({
      environment: 'prod',
      namespace: 'shop~1',
      name: 'ca/rt',
    });
    expect(parseServiceId('~~cart')).toEqual({ environment: '', namespace: '', name: 'cart' });
    expect(parseServiceId('%zz')).toEqual({ environment: '', namespace: '', name: '%zz' });
    expect(serviceLabel('prod~shop~cart')).toBe('shop/cart (prod)');
    expect(servicePath('prod~~a%2Fb')).toBe('/services/prod~~a%252Fb');
  });

  it('have a colour that does not change, and colours are used evenly', () => {
    expect(colourIndex('production~shop~cart')).toBe(colourIndex('production~shop~cart'));
    const colours = Array.from({ length: 1_000 }, (_, at) => colourIndex(`prod~~service-${at}`));
    for (let colour = 0; colour < SERIES_COLOURS; colour++) {
      expect(colours.filter((one) => one === colour).length).toBeGreaterThan(60);
    }
  });
});
