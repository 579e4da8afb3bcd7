/** Every limit of the service in one place, each with its reason. Units stand last in the names. */
export const LIMITS = {
  /** A polyaxonfile or a report fits many times over; larger bodies cost memory before they can be refused. */
  bodyBytes: 256 * 1024,
  /** A report of 500 measurements with 100 metrics each needs more room than a document. */
  measurementsBodyBytes: 1024 * 1024,
  /** The in-flight numbers of a group live in one item, which must stay far below 400 KB. */
  concurrency: 1_000,
  /** Beyond this the encoded point of an experiment no longer fits an item of about 1 KB. */
  parameters: 100,
  /** A listed option is kept in memory by every process that works on the group. */
  listedValues: 10_000,
  /** A list item inside an option of the matrix. */
  itemValues: 1_000,
  /** Suggestions that are computed at once: those who ask next wait for all of them. */
  suggestionsAhead: 16,
  /** The largest integer that a double holds exactly: a grid's product and a seed stay below it. */
  exactInteger: Number.MAX_SAFE_INTEGER,
  /** Experiments that random search, Hyperband and Bayesian optimisation may plan. */
  plannedExperiments: 1_000_000,
  maxIter: 1_000_000,
  etaMin: 1.1,
  leaseSecondsMin: 10,
  leaseSecondsMax: 604_800,
  maxAttempts: 100,
  nameCharacters: 128,
  descriptionCharacters: 4_096,
  tags: 20,
  tagCharacters: 64,
  stringCharacters: 4_096,
  metricsPerReport: 100,
  metricNameCharacters: 128,
  /** Distinct metrics of one experiment: its summary is read and written with every report. */
  metricsPerExperiment: 200,
  measurementsPerReport: 500,
  messageBytes: 4 * 1024,
  checkpointBytes: 1024,
  workerCharacters: 128,
  suggestCount: 100,
  waitSecondsLocal: 20,
  waitSecondsCloud: 2,
  earlyStoppingRules: 100,
  pageItems: 200,
  pageItemsDefault: 50,
  /** Experiments in one page of columns: what a call can read in a second. */
  columnItems: 5_000,
  columnItemsDefault: 2_000,
  /** Lambda answers with 6 MB at most. */
  columnCharacters: 4_000_000,
  /** Points of one learning curve: a screen shows no more of them. */
  curvePoints: 100,
  /** Experiments in one picture of rungs. */
  rungExperiments: 2_000,
  /** Observations that importance goes by: a forest of more takes too long for somebody who waits. */
  importanceObservations: 2_000,
  /** Observations that a contour's surrogate is fitted to: its time grows with their cube. */
  contourObservations: 500,
  /** The caller's own experiments that wait to be handed out, per group: their numbers live in the head item. */
  queuedOwnExperiments: 1_000,
  idempotencyKeyCharacters: 255,
  idempotencyHours: 24,
  /** A team needs one for each program or person; every creation reads the list of them. */
  apiKeys: 500,
  /** Longer ones are cut off or refused by proxies and servers on the way. */
  webhookUrlCharacters: 2_048,
  /** Secrets that sign at once: a rotation adds one for a day, and each is a signature in a header. */
  webhookSecrets: 4,
  /** A team needs one for each program that listens; every dispatch of events reads the list of them. */
  webhooks: 1_000,
  /** Groups that one webhook can name: more are told apart better by whoever gets the events. */
  webhookGroups: 100,
  /** Attempts that a delivery shows: a whole round of the schedule, and some that somebody asked for. */
  webhookAttemptsKept: 12,
  /** Of an endpoint's answer, kept of each attempt: enough for an error's message. */
  webhookAnswerCharacters: 1_024,
  /** Deliveries are kept this long: time to see what went wrong on holidays, and to recover it. */
  deliveryDays: 30,
  /** Deliveries that one call sends again: what fits the time that a call has. */
  recoverDeliveries: 1_000,
  /** Redraws for one new point of a random search before the group counts as exhausted. */
  redraws: 1_000,
  /** Finite spaces up to this size are ordered exactly, without redraws; above it, N <= 10^6 leaves most points free. */
  orderedSpacePoints: 1_048_576,
  /** Depth of a document: deeper nesting is nothing that a person wrote. */
  documentDepth: 32,
  yamlAliases: 100,
  previewValues: 20,
  previewPoints: 20,
  previewCommands: 3,
  /** Compare-and-set rounds before a contended call answers 503. */
  storeRounds: 64,
} as const;
