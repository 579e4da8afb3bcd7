// The CDK app behind cdk.json: npx cdk synth|deploy|diff|destroy -c team=vision
import { App } from 'aws-cdk-lib';
import { WrongSetting } from './settings.ts';
import { defineStacks } from './stacks.ts';

const app = new App({ analyticsReporting: false });
try {
  defineStacks(app);
  app.synth();
} catch (error) {
  // What the caller can put right is one sentence, everything else a stack trace.
  if (!(error instanceof WrongSetting)) throw error;
  console.error(`rungwise: ${error.message}`);
  process.exit(1);
}
