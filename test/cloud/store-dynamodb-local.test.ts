import { after, test } from 'node:test';
import { createDynamoDbStore } from '../../lib/store/dynamodb.ts';
import { storeContract } from '../contracts/store.ts';
import { dynamoDbLocalMissing, startDynamoDbLocal } from '../helpers/dynamodb-local.ts';

const missing = dynamoDbLocalMissing();
if (missing === null) {
  const server = await startDynamoDbLocal();
  after(() => server.stop());
  storeContract('DynamoDB (DynamoDB Local)', async () =>
    createDynamoDbStore(server.client(), await server.createTable()),
  );
} else {
  test('the store on DynamoDB (DynamoDB Local)', { skip: missing }, () => {});
}
