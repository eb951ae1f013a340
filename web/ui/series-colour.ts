/** Number of `--series-N` colours in `tokens.css`. */
export const SERIES_COLOURS = 10;

/** FNV-1a over UTF-16 units: the same name has the same colour on every page and every day. */
export function colourIndex(name: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < name.length; at++) {
    hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193);
  }
  hash ^= hash >>> 15;
  return (hash >>> 0) % SERIES_COLOURS;
}

export const colourVar = (name: string): string => `var(--series-${colourIndex(name)})`;
