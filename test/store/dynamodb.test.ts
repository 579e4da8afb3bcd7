import { after, test } from 'node:test';
import { createDynamoDbStore } from '../../lib/store/dynamodb.ts';
import { storeContract } from '../contracts/store.ts';

import { dynoxideMissing, startDynoxide } from '../helpers/dynoxide.ts';

if (dynoxideMissing === null) {
  const server = await startDynoxide();
  after(() => server.stop());
  storeContract('DynamoDB (dynoxide)', async () =>
    createDynamoDbStore(server.client(), await server.createTable()),
  );
} else {
  test('the store on DynamoDB', { skip: dynoxideMissing }, () => {});
}
