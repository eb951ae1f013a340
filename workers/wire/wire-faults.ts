/**
 * What can be wrong with wire bytes, as sentences. `at` is the offset of the byte, `end` that of the end of its
 * message. Shared by the decoders in JavaScript and in WebAssembly; the order is that of the codes in
 * workers/decode/wasm/faults.ts, from 1.
 */
export const WIRE_FAULTS = [
  'length-beyond-end',
  'number-beyond-end',
  'number-too-long',
  'fixed64-beyond-end',
  'fixed32-beyond-end',
  'field-zero',
  'wire-type-unknown',
  'tag-cut',
  'tag-too-large',
  'length-cut',
  'length-too-large',
  'too-deep',
] as const;
export type WireFault = (typeof WIRE_FAULTS)[number];

/** How many messages may stand inside each other, counted from where a walk begins. */
export const MAX_DEPTH = 100;

/** `value` is the length that was sent, or the tag. */
export function faultSentence(fault: WireFault, at: number, end: number, value: number): string {
  return `At byte ${at} ${faultText(fault, end, value)}.`;
}

function faultText(fault: WireFault, end: number, value: number): string {
  switch (fault) {
    case 'length-beyond-end':
      return `a length of ${value} bytes reaches beyond byte ${end}, where its message ends`;
    case 'number-beyond-end':
      return `a number runs beyond byte ${end}, where its message ends`;
    case 'number-too-long':
      return 'a number is longer than 10 bytes';
    case 'fixed64-beyond-end':
      return `8 bytes of a number reach beyond byte ${end}, where its message ends`;
    case 'fixed32-beyond-end':
      return `4 bytes of a number reach beyond byte ${end}, where its message ends`;
    case 'field-zero':
      return 'a field has the number 0';
    case 'wire-type-unknown':
      return `field ${value >>> 3} has wire type ${value & 7}, which OTLP does not use`;
    case 'tag-cut':
      return `a tag runs beyond byte ${end}, where its message ends`;
    case 'tag-too-large':
      return 'a tag is larger than 32 bits hold';
    case 'length-cut':
      return `a length runs beyond byte ${end}, where its message ends`;
    case 'length-too-large':
      return 'a length is larger than 32 bits hold';
    case 'too-deep':
      return `messages stand more than ${MAX_DEPTH} deep inside each other`;
  }
}
