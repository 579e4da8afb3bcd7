/** Returns a text cut to at most `charactersMax` characters, the cut marked by an ellipsis. */
export const shortened = (text: string, charactersMax: number): string =>
  text.length <= charactersMax ? text : `${text.slice(0, charactersMax - 1).toWellFormed()}…`;

/** Returns a whole number with its digits in groups of three: `1,000,000`. */
export const grouped = (count: number): string => String(count).replace(/\B(?=(?:\d{3})+$)/g, ',');
