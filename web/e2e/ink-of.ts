import type { Locator } from 'playwright-core';

/** Pixels of a canvas in the colour of a design token. */
export function inkOf(canvas: Locator, token: string): Promise<number> {
  return canvas.evaluate((element, name) => {
    const { width, height } = element as HTMLCanvasElement;
    const context = (element as HTMLCanvasElement).getContext('2d');
    const probe = document.createElement('canvas').getContext('2d');
    if (!context || !probe) throw new Error('there is no canvas');
    probe.fillStyle = getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
    probe.fillRect(0, 0, 1, 1);
    const wanted = probe.getImageData(0, 0, 1, 1).data.join();
    const { data } = context.getImageData(0, 0, width, height);
    let found = 0;
    for (let at = 0; at < data.length; at += 4) if (data.slice(at, at + 4).join() === wanted) found += 1;
    return found;
  }, token);
}
