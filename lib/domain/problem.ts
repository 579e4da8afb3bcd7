/** One mistake in something a caller sent: where, what, and the nearest thing that would be right. */
export interface Mistake {
  /** Dotted path; the last segment is the offending key: `hptuning.matrix.lr.range[0]`. Empty for the whole body. */
  readonly path: string;
  /** What is wrong, the value, what is allowed, what to do. */
  readonly message: string;
  /** The nearest known key or word, where there is one. */
  readonly suggestion?: string;
  /** `not_supported`: legal, but not in this version of the service. Anything else is `invalid`. */
  readonly code?: 'invalid' | 'not_supported';
}

/** Something legal that probably does not mean what its author thinks. */
export interface Warning {
  readonly path: string;
  readonly code: string;
  readonly message: string;
}
