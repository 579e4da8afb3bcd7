import type { Experiment, Group } from './answers.ts';
import type { Service } from './client.ts';
import { expectAnswer } from './client.ts';
import { Failure } from './failure.ts';
import { eachGroup } from './pages.ts';

const ID = /^grp_[0-9a-hjkmnp-tv-z]{26}$/;
/** Groups that a message names where more than one is meant. */
const NAMED_MAX = 5;

/** Reads a group by its id. */
export const readGroup = async (service: Service, id: string): Promise<Group> =>
  expectAnswer(await service.call('readGroup', { group: id }));

async function newest(service: Service): Promise<Group> {
  const { items } = expectAnswer(await service.call('listGroups', { query: { limit: 1 } }));
  const [group] = items;
  if (group !== undefined) return group;
  throw new Failure(`${service.url} has no group yet: create one with "rungwise run FILE".`);
}

/**
 * Returns the group that a word names: its id, the beginning of its id, its name, or `latest` for the newest one.
 *
 * Throws a `Failure` where there is none, or more than one.
 */
export async function selectGroup(service: Service, word: string): Promise<Group> {
  if (ID.test(word)) return readGroup(service, word);
  if (word === 'latest') return newest(service);
  const meant: Group[] = [];
  for await (const group of eachGroup(service)) {
    if (group.name === word || (word.length > 'grp_'.length && group.id.startsWith(word))) {
      meant.push(group);
    }
  }
  const [group] = meant;
  if (group === undefined) {
    throw new Failure(`no group is called "${word}": "rungwise groups" lists what there is.`);
  }
  if (meant.length === 1) return group;
  const named = meant.slice(0, NAMED_MAX).map(({ id }) => id);
  const rest = meant.length > NAMED_MAX ? ', …' : '';
  throw new Failure(
    `"${word}" could be any of ${meant.length} groups, give the id of one: ${named.join(', ')}${rest}`,
  );
}

/** Reads the best experiment of a group, or null where it has none. */
export const readBest = async (
  service: Service,
  { id, best }: Group,
): Promise<Experiment | null> =>
  best === null
    ? null
    : expectAnswer(await service.call('readExperiment', { group: id, number: best.number }));
