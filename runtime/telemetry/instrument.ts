type Attributes = Readonly<Record<string, string>>;

export interface Reading {
  readonly value: number;
  readonly attributes: Attributes;
}

/** One thing that the platform says about itself. */
export interface Instrument {
  readonly name: string;
  readonly kind: 'counter' | 'gauge';
  readonly unit: string;
  readonly description: string;
  readonly read: () => readonly Reading[];
}
