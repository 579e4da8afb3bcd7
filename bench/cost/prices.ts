import prices from '../prices.json' with { type: 'json' };

/** Regions that there are prices of. */
export const REGIONS = ['us-east-1', 'eu-central-1'] as const;
export type Region = (typeof REGIONS)[number];

/** What AWS charges for. */
export type Priced = keyof (typeof prices)['regions']['us-east-1'];

/** The month in which the prices were true. */
export const PRICES_AS_OF = prices.asOf;

/** US dollars for so much of it. */
export const usdFor = (region: Region, what: Priced, amount: number): number => {
  const { usd, per } = prices.regions[region][what];
  return (amount * usd) / per;
};

/** What prices nobody should rely on unchecked, by region. */
export const unsurePrices = (region: Region): readonly string[] =>
  Object.entries(prices.regions[region]).flatMap(([name, { sure }]) => (sure ? [] : [name]));
