import { describeFailure, Failure, failureAsJson, systemCode } from './failure.ts';
import { createProgram } from './program.ts';

// Whoever reads the output may have had enough, as `head` does: that is no error.
process.stdout.on('error', (error) => {
  process.exit(systemCode(error) === 'EPIPE' ? 0 : 1);
});

try {
  await createProgram((code) => {
    process.exitCode = code;
  }).parseAsync();
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  const inJson = process.argv.includes('--json');
  process.stderr.write(`${inJson ? failureAsJson(error) : describeFailure(error)}\n`);
  process.exitCode = error.exitCode;
}
