import table from '../prices.json' with { type: 'json' };

/** Regions that there are prices of. */
export const REGIONS = ['us-east-1', 'eu-central-1'] as const;
export type Region = (typeof REGIONS)[number];

const { prices } = table;

/** What AWS charges for. */
export type Priced = keyof typeof prices;

/** The month in which the prices were true. */
export const PRICES_AS_OF = table.asOf;

/** US dollars for so much of it, in the unit of `bench/prices.json`. */
export const usdFor = (region: Region, what: Priced, amount: number): number => {
  const { usd, per } = prices[what];
  return (amount * usd[region]) / per;
};

/** Prices that may be off, with the region of each. */
export const unsurePrices = (): readonly string[] =>
  Object.entries(prices).flatMap(([name, { unsure }]) =>
    unsure.map((region) => `${name} in ${region}`),
  );
