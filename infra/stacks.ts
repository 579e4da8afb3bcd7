import type { App, Stack } from 'aws-cdk-lib';
import { Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { readSettings } from './settings.ts';
import { createTeamStack } from './team-stack.ts';

/**
 * Defines a stack for each team that the app's context names, checked by cdk-nag when it is synthesised. Throws
 * `WrongSetting` where the context is wrong.
 */
export function defineStacks(app: App): readonly Stack[] {
  const settings = readSettings(app.node.getAllContext());
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
  return settings.teams.map((team) => createTeamStack(app, team, settings));
}
