import { type LoadSample, saturationCurve } from '../kernels/saturation/index.ts';

export type LoadCurve = ReturnType<typeof saturationCurve>;

/** The curve of each service's load, in their order; well below a millisecond each for a hundred samples. */
export function saturationCurves(
  { samples }: { readonly samples: readonly LoadSample[] },
  { checkpoint }: { readonly checkpoint: () => void },
): LoadCurve[] {
  return samples.map((sample) => {
    checkpoint();
    return saturationCurve(sample);
  });
}
