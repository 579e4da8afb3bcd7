import { randomBytes } from 'node:crypto';
import {
  GetParameterCommand,
  ParameterAlreadyExists,
  ParameterNotFound,
  PutParameterCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { readKeys, writeKey } from '../events/webhooks/key-file.ts';
import type { BoxKey } from '../events/webhooks/secret-box.ts';
import { KEY_BYTES } from '../events/webhooks/secret-box.ts';

/*
 * The keys of the secret box in the cloud: a SecureString in the Parameter Store, in the form of a laptop's file of keys.
 */

const FIRST_NAME = 'k1';

export interface ParameterOptions {
  /** Name of the parameter. */
  readonly name: string;
  /** Makes the first key where there is none. */
  readonly canCreate: boolean;
  /** Endpoint of another server that speaks SSM. */
  readonly endpoint: string | undefined;
}

/**
 * The keys in the parameter. Two that make the first one at once end with the same: the second finds it.
 *
 * Throws the SDK's exceptions, and `KeyFileUnusable` where the parameter holds no keys.
 */
export async function openParameterKey(options: ParameterOptions): Promise<readonly BoxKey[]> {
  const { name, canCreate, endpoint } = options;
  const client = new SSMClient(endpoint === undefined ? {} : { endpoint });
  const read = async (): Promise<readonly BoxKey[]> => {
    const answer = await client.send(new GetParameterCommand({ Name: name, WithDecryption: true }));
    return readKeys(answer.Parameter?.Value ?? '', `the parameter ${name}`);
  };
  try {
    return await read();
  } catch (error) {
    if (!canCreate || !(error instanceof ParameterNotFound)) throw error;
  }
  const first = writeKey({ name: FIRST_NAME, bytes: randomBytes(KEY_BYTES) });
  try {
    await client.send(
      new PutParameterCommand({ Name: name, Value: first, Type: 'SecureString', Overwrite: false }),
    );
  } catch (error) {
    if (!(error instanceof ParameterAlreadyExists)) throw error;
  }
  return read();
}
