/** What a deployment can be told by context: `npx cdk deploy -c team=vision -c budget=50`. */
export interface Settings {
  /** Each gets a stack of its own. */
  readonly teams: readonly string[];
  /** What a team's stack may cost in a month before the budget's alarm, USD. */
  readonly budgetUsd: number;
  /** Who is told of alarms; null: nobody is subscribed to the topic. */
  readonly email: string | null;
  readonly hasDashboard: boolean;
  /** Name of the table that the functions work on, such as a restored one; null: the stack's own. */
  readonly table: string | null;
}

/** A setting that its caller can put right; the message is one sentence. */
export class WrongSetting extends Error {
  override readonly name = 'WrongSetting';
}

type Context = Readonly<Record<string, unknown>>;

const KNOWN = ['team', 'teams', 'budget', 'email', 'dashboard', 'table'] as const;
type Name = (typeof KNOWN)[number];

const BUDGET_USD_DEFAULT = 20;
/** AWS Budgets takes more; beyond this somebody has mistyped. */
const BUDGET_USD_MAX = 1_000_000;

/** Part of names that AWS bounds at 64 characters, and of log group names, which take no other characters safely. */
const TEAM = /^[a-z](?:-?[a-z0-9])*$/;
const TEAM_CHARACTERS_MIN = 2;
const TEAM_CHARACTERS_MAX = 24;

/** One address of the plain form; who needs more subscribes to the topic. */
const EMAIL = /^[^\s@,"'<>]+@[^\s@,"'<>]+\.[^\s@,"'<>]+$/;
const EMAIL_CHARACTERS_MAX = 254;

/** What DynamoDB allows in the name of a table. */
const TABLE = /^[A-Za-z0-9_.-]+$/;
const TABLE_CHARACTERS_MAX = 255;

/** Context that the CDK itself brings along: feature flags, look-ups and what the command line tells the app. */
const OF_THE_CDK = /[:@]|^cli-telemetry$|^acknowledged-issue-numbers$/;

const shown = (value: unknown): string => {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
};

function textOf(context: Context, name: Name): string | null {
  const value = context[name];
  if (value === undefined) return null;
  // A number or a boolean comes from cdk.json, text from the command line.
  const text = typeof value === 'object' ? '' : String(value).trim();
  if (text !== '') return text;
  throw new WrongSetting(
    `The context "${name}" is ${shown(value)}; give it a value, such as -c ${name}=${EXAMPLES[name]}.`,
  );
}

const EXAMPLES = {
  team: 'vision',
  teams: 'vision,nlp',
  budget: '50',
  email: 'team@example.com',
  dashboard: 'true',
  table: 'rungwise-vision-restored',
} as const satisfies Record<Name, string>;

function teamOf(name: string): string {
  const fits =
    TEAM.test(name) && name.length >= TEAM_CHARACTERS_MIN && name.length <= TEAM_CHARACTERS_MAX;
  if (fits) return name;
  throw new WrongSetting(
    `The team name ${shown(name)} is not allowed: take ${TEAM_CHARACTERS_MIN} to ${TEAM_CHARACTERS_MAX} ` +
      'lower-case letters, digits and single hyphens, a letter first and no hyphen last.',
  );
}

function teamsOf(context: Context): readonly string[] {
  const team = textOf(context, 'team');
  const teams = textOf(context, 'teams');
  if (team !== null && teams !== null) {
    throw new WrongSetting('Both "team" and "teams" are given; give one of them.');
  }
  if (team !== null) return [teamOf(team)];
  if (teams === null) {
    throw new WrongSetting(
      'No team is named: add -c team=vision, or -c teams=vision,nlp for several stacks.',
    );
  }
  const names = teams.split(',').map((name) => teamOf(name.trim()));
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return names;
  throw new WrongSetting(`The team "${twice}" is named twice in "teams"; name it once.`);
}

function budgetOf(text: string): number {
  const budget = Number(text);
  // Whole cents: an amount with more places is a mistake.
  const fits = /^\d+(?:\.\d{1,2})?$/.test(text) && budget > 0 && budget <= BUDGET_USD_MAX;
  if (fits) return budget;
  throw new WrongSetting(
    `The budget ${shown(text)} is not allowed: give US dollars a month, more than 0 and at most ${BUDGET_USD_MAX}, such as -c budget=50.`,
  );
}

function emailOf(text: string): string {
  if (EMAIL.test(text) && text.length <= EMAIL_CHARACTERS_MAX) return text;
  throw new WrongSetting(
    `The email ${shown(text)} is not an address: give one, such as -c email=team@example.com.`,
  );
}

/** A table with another team's name is most likely that team's: two stacks on one table would share everything. */
function tableOf(name: string, teams: readonly string[]): string {
  const [team, ...more] = teams;
  if (more.length > 0) {
    throw new WrongSetting(
      'The context "table" names the table of one team, and several are given; name one with -c team=vision.',
    );
  }
  const start = `rungwise-${team}-`;
  const fits = TABLE.test(name) && name.length <= TABLE_CHARACTERS_MAX && name.startsWith(start);
  if (fits && name.length > start.length) return name;
  throw new WrongSetting(
    `The table name ${shown(name)} is not allowed: begin it with "${start}", and go on with letters, digits, ` +
      `hyphens, dots and underscores, at most ${TABLE_CHARACTERS_MAX} characters in all.`,
  );
}

function flagOf(text: string): boolean {
  if (text === 'true') return true;
  if (text === 'false') return false;
  throw new WrongSetting(
    `The context "dashboard" is ${shown(text)}; write -c dashboard=true, or leave it out.`,
  );
}

/**
 * The settings that a context holds. Throws `WrongSetting` where one is missing, wrong or unknown: a mistyped name would
 * else be passed over without a word.
 */
export function readSettings(context: Context): Settings {
  const names: readonly string[] = KNOWN;
  const unknown = Object.keys(context).find(
    (name) => !names.includes(name) && !OF_THE_CDK.test(name),
  );
  if (unknown !== undefined) {
    throw new WrongSetting(
      `The context ${shown(unknown)} is not known; there are ${KNOWN.join(', ')}.`,
    );
  }
  const budget = textOf(context, 'budget');
  const email = textOf(context, 'email');
  const dashboard = textOf(context, 'dashboard');
  const table = textOf(context, 'table');
  const teams = teamsOf(context);
  return {
    teams,
    budgetUsd: budget === null ? BUDGET_USD_DEFAULT : budgetOf(budget),
    email: email === null ? null : emailOf(email),
    hasDashboard: dashboard === null ? false : flagOf(dashboard),
    table: table === null ? null : tableOf(table, teams),
  };
}
